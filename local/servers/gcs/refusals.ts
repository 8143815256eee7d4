export type Kind =
  | 'badContinuation'
  | 'bucketExists'
  | 'bucketNotEmpty'
  | 'busy'
  | 'conditionNotMet'
  | 'crcMismatch'
  | 'internalError'
  | 'invalid'
  | 'invalidBucketName'
  | 'invalidObjectName'
  | 'invalidParameter'
  | 'invalidPart'
  | 'invalidPartOrder'
  | 'keyFormatInvalid'
  | 'keyAlgorithmInvalid'
  | 'keyHashInvalid'
  | 'keyIncorrect'
  | 'keyMissing'
  | 'keyUncalledFor'
  | 'kmsDenied'
  | 'kmsDisabled'
  | 'loginRequired'
  | 'md5Mismatch'
  | 'metadataTooLarge'
  | 'methodNotAllowed'
  | 'missing'
  | 'noBucket'
  | 'noMethod'
  | 'noObject'
  | 'noUpload'
  | 'notImplemented'
  | 'notModified'
  | 'parseError'
  | 'partTooSmall'
  | 'rateLimitExceeded'
  | 'retained'
  | 'tokenInvalid'
  | 'underHold'
  | 'uploadBroken'
  | 'uploadTooLarge'
  | 'userProjectMissing'
  | 'wrongUrlForUpload'

/** How Cloud Storage says no: the status, the reason of the JSON API, the code of the XML API. The sentences are ours where no client reads them. */
const kinds: Readonly<Record<Kind, readonly [status: number, reason: string, code: string, sentence: string]>> = {
  badContinuation: [400, 'invalid', 'InvalidArgument', 'The upload cannot go on from there.'],
  bucketExists: [
    409,
    'conflict',
    'BucketAlreadyOwnedByYou',
    'You already own this bucket. Please select another name.',
  ],
  bucketNotEmpty: [409, 'conflict', 'BucketNotEmpty', 'The bucket you tried to delete is not empty.'],
  busy: [503, 'backendError', 'ServiceUnavailable', 'The service is busy: try again later.'],
  conditionNotMet: [
    412,
    'conditionNotMet',
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold.',
  ],
  crcMismatch: [400, 'invalid', 'CrcMismatch', 'The CRC32C is not that of the bytes.'],
  internalError: [500, 'internalError', 'InternalError', 'The server met a defect of its own; its log says more.'],
  invalid: [400, 'invalid', 'InvalidArgument', 'Invalid argument.'],
  invalidBucketName: [400, 'invalid', 'InvalidBucketName', 'A bucket cannot have this name.'],
  invalidObjectName: [400, 'invalid', 'InvalidObjectName', 'An object cannot have this name.'],
  invalidParameter: [400, 'invalidParameter', 'InvalidArgument', 'A parameter has a value that is not taken.'],
  invalidPart: [400, 'invalid', 'InvalidPart', 'The list names a part that is not there.'],
  invalidPartOrder: [400, 'invalid', 'InvalidPartOrder', 'The parts must be listed in ascending order.'],
  keyFormatInvalid: [
    400,
    'customerEncryptionKeyFormatIsInvalid',
    'InvalidEncryptionKey',
    'An encryption key is 32 bytes in base64.',
  ],
  keyAlgorithmInvalid: [
    400,
    'customerEncryptionAlgorithmIsInvalid',
    'InvalidEncryptionAlgorithm',
    'The encryption algorithm is AES256.',
  ],
  keyHashInvalid: [
    400,
    'customerEncryptionKeySha256IsInvalid',
    'InvalidEncryptionKeySha256',
    'The SHA-256 is not that of the encryption key.',
  ],
  keyIncorrect: [
    400,
    'customerEncryptionKeyIsIncorrect',
    'CustomerEncryptionKeyIsIncorrect',
    'The provided encryption key is incorrect.',
  ],
  keyMissing: [
    400,
    'resourceIsEncryptedWithCustomerEncryptionKey',
    'ResourceIsEncryptedWithCustomerEncryptionKey',
    'The target object is encrypted by a customer-supplied encryption key.',
  ],
  keyUncalledFor: [
    400,
    'resourceNotEncryptedWithCustomerEncryptionKey',
    'ResourceNotEncryptedWithCustomerEncryptionKey',
    'The target object is not encrypted by a customer-supplied encryption key.',
  ],
  kmsDenied: [
    403,
    'forbidden',
    'AccessDenied',
    'Permission denied on Cloud KMS key: Cloud Storage may not use it for this object.',
  ],
  kmsDisabled: [
    400,
    'cloudKmsDisabledKey',
    'CloudKmsDisabledKey',
    'The Cloud KMS key is disabled, destroyed, or scheduled to be destroyed.',
  ],
  loginRequired: [401, 'required', 'AuthenticationRequired', 'Login Required'],
  md5Mismatch: [400, 'invalid', 'BadDigest', 'The MD5 is not that of the bytes.'],
  metadataTooLarge: [
    400,
    'invalid',
    'MetadataTooLarge',
    'Metadata is at most 8 KiB, names and values together: shorten it.',
  ],
  methodNotAllowed: [405, 'methodNotAllowed', 'MethodNotAllowed', 'The resource does not take this verb.'],
  missing: [400, 'required', 'MissingSecurityElement', 'A parameter that must be there is missing.'],
  noBucket: [404, 'notFound', 'NoSuchBucket', 'The specified bucket does not exist.'],
  noMethod: [404, 'notFound', 'NoSuchKey', 'Not Found'],
  noObject: [404, 'notFound', 'NoSuchKey', 'No such object: it was deleted while it was asked for.'],
  noUpload: [404, 'notFound', 'NoSuchUpload', 'The upload does not exist: begin a new one.'],
  notImplemented: [400, 'invalid', 'NotImplemented', 'This is not done here.'],
  notModified: [304, 'notModified', 'NotModified', 'Not Modified'],
  parseError: [400, 'parseError', 'MalformedXML', 'The body is not what belongs here.'],
  partTooSmall: [400, 'invalid', 'EntityTooSmall', 'Every part but the last has at least 5 MiB.'],
  rateLimitExceeded: [429, 'rateLimitExceeded', 'SlowDown', 'Please reduce your request rate.'],
  retained: [403, 'retentionPolicyNotMet', 'RetentionPolicyNotMet', 'The object is under retention.'],
  tokenInvalid: [401, 'authError', 'AuthenticationRequired', 'Invalid Credentials'],
  underHold: [403, 'objectUnderActiveHold', 'ObjectUnderActiveHold', 'The object is under an active hold.'],
  uploadBroken: [408, 'uploadBrokenConnection', 'RequestTimeout', 'The request ended before its body was whole.'],
  uploadTooLarge: [413, 'uploadTooLarge', 'EntityTooLarge', 'The body is larger than it may be.'],
  userProjectMissing: [
    400,
    'userProjectMissing',
    'UserProjectMissing',
    'Bucket is a requester pays bucket but no user project provided.',
  ],
  wrongUrlForUpload: [400, 'wrongUrlForUpload', 'InvalidArgument', 'Uploads are sent to a path below /upload.'],
}

/** What of the request it is about, as the JSON API tells it. */
export interface Location {
  readonly type: 'header' | 'parameter'
  readonly name: string
}

/** An answer that says no. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly kind: Kind
  readonly status: number
  readonly reason: string
  readonly code: string
  readonly location: Location | null

  constructor(kind: Kind, message: string = kinds[kind][3], location: Location | null = null) {
    super(message)
    this.kind = kind
    this.status = kinds[kind][0]
    this.reason = kinds[kind][1]
    this.code = kinds[kind][2]
    this.location = location
  }
}

export function refuse(kind: Kind, message?: string, location?: Location): never {
  throw new Refusal(kind, message, location)
}

export function refuseParameter(name: string, found: string | null, expected: string): never {
  if (found === null) refuse('missing', `Required parameter: ${name}`, { type: 'parameter', name })
  refuse('invalidParameter', `${name}: found ${JSON.stringify(found)}, expected ${expected}`, {
    type: 'parameter',
    name,
  })
}

/** The body that the JSON API gives with a refusal; a 304 has none. */
export function jsonOf(refusal: Refusal): string {
  const { status, reason, message, location } = refusal
  const domain = refusal.kind === 'rateLimitExceeded' ? 'usageLimits' : 'global'
  const where = location === null ? {} : { locationType: location.type, location: location.name }
  return JSON.stringify({ error: { code: status, message, errors: [{ message, domain, reason, ...where }] } })
}
