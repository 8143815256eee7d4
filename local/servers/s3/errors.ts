/** S3's own codes, with the status that each comes with. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const statuses = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  BadRequest: 400,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  ConditionalRequestConflict: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IllegalLocationConstraintException: 400,
  IllegalVersioningConfigurationException: 400,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidObjectState: 403,
  InvalidPart: 400,
  InvalidPartNumber: 416,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidStorageClass: 400,
  InvalidTag: 400,
  InvalidToken: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedTrailerError: 400,
  MalformedXML: 400,
  MaxMessageLengthExceeded: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  MissingRequestBodyError: 400,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  NotImplemented: 501,
  NotModified: 304,
  ObjectNotInActiveTierError: 403,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  XAmzContentSHA256Mismatch: 400,
} as const

export type Code = keyof typeof statuses

export type Details = Readonly<Record<string, string | number>>

/** An answer that says no. Its message is ours: it names what was found and what was expected. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: Code
  readonly status: number
  /** Elements of their own beside code and message. */
  readonly details: Details
  readonly headers: Readonly<Record<string, string>>

  constructor(code: Code, message: string, details: Details = {}, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.code = code
    this.status = statuses[code]
    this.details = details
    this.headers = headers
  }
}

export function argumentRefused(name: string, value: string, expected: string): Refusal {
  const details = { ArgumentName: name, ArgumentValue: value }
  return new Refusal('InvalidArgument', `${name}: found ${JSON.stringify(value)}, expected ${expected}`, details)
}

export function notImplemented(what: string): Refusal {
  return new Refusal('NotImplemented', `${what}: S3 has it, this development server does not.`)
}

export function noSuchKey(key: string): Refusal {
  return new Refusal('NoSuchKey', 'There is no object of this key.', { Key: key })
}

export function noSuchVersion(key: string, id: string): Refusal {
  return new Refusal('NoSuchVersion', 'There is no version of this id.', { Key: key, VersionId: id })
}

export function noSuchUpload(id: string): Refusal {
  const message = 'There is no such upload: it was completed, aborted, or begun for another key.'
  return new Refusal('NoSuchUpload', message, { UploadId: id })
}
