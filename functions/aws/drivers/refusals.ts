/** What S3's refusals mean, as a table. failure.ts reads it. */
import type { FailureKind, FailureScope } from '#shared/kernel/failure.ts'

/** Of what kind a refusal is, whose trouble, and what to do. */
export type Row = readonly [kind: FailureKind, scope: FailureScope, why: string]

const again: Row = [
  'conflict',
  'key',
  'another request for this key was under way, which says nothing of what is there; look again',
]
const damaged: Row = ['corrupt', 'key', 'what arrived is not what the checksum says; nothing was stored, send it again']
export const fast: Row = ['throttled', 'site', 'too many requests for now; come back later']
const gone: Row = ['absent', 'key', 'the version, upload or part that was meant is no longer there; look again']
export const kms: Row = ['denied', 'key', 'its encryption key may not be used; let the role use it, or enable it']
const lock: Row = ['denied', 'key', 'an object lock forbids it; a person must wait for its end or lift it']
const signature: Row = [
  'denied',
  'site',
  "the credentials were refused; check the role, the site's region and its endpoint",
]
const forbidden: Row = [
  'denied',
  'site',
  "the role may not; check its permissions, the bucket's policy, and whether requesters pay there",
]
export const unmet: Row = ['conflict', 'key', 'the condition did not hold; look again']
export const noBucket: Row = ['denied', 'site', "there is no such bucket; create it, or correct the site's bucket"]
const archived: Row = ['denied', 'key', 'it is archived; restore it to read it']
const region: Row = ['denied', 'site', "the bucket lies elsewhere; correct the site's region or endpoint"]
const inTree: Row = [
  'invalid',
  'key',
  'this store keeps keys as files and folders, and another key makes its name a folder, or one above it a file; rename one of them',
]
const unbuilt: Row = [
  'denied',
  'site',
  'the store lacks what Isobar asks of it (conditions, checksums, versions); use another',
]

/**
 * By S3's own code. A missing bucket is `denied` of the site, not `invalid`: like a permission that is mended, a bucket that is created
 * ends an outage, so its events wait behind the breaker; `invalid` would set each of them aside for a person.
 */
export const byCode: ReadonlyMap<string, Row> = new Map<string, Row>([
  ['PreconditionFailed', unmet],
  ['ConditionalRequestConflict', again],
  ['OperationAborted', again],
  ['NoSuchKey', ['absent', 'key', 'there is no such object; look again']],
  ['MethodNotAllowed', gone],
  ['NoSuchVersion', gone],
  ['NoSuchUpload', gone],
  ['InvalidPart', gone],
  ['InvalidPartOrder', gone],
  ['NoSuchBucket', noBucket],
  ['AllAccessDisabled', ['denied', 'site', 'the bucket was disabled; ask its provider']],
  ['AccessDenied', forbidden],
  ['AccountProblem', ['denied', 'site', 'the account was disabled; ask its provider']],
  ['AuthorizationHeaderMalformed', signature],
  ['ExpiredToken', signature],
  ['InvalidAccessKeyId', signature],
  ['InvalidToken', signature],
  ['SignatureDoesNotMatch', signature],
  ['TokenRefreshRequired', signature],
  ['RequestExpired', ['denied', 'site', "the request came too late; compare this machine's clock with the store's"]],
  [
    'RequestTimeTooSkewed',
    ['denied', 'site', "this machine's clock and the store's are too far apart; set this machine's"],
  ],
  ['PermanentRedirect', region],
  ['TemporaryRedirect', region],
  ['Redirect', region],
  ['IllegalLocationConstraintException', region],
  ['InvalidObjectState', archived],
  ['ObjectNotInActiveTierError', archived],
  ['ObjectLocked', lock],
  ['BadDigest', damaged],
  ['IncompleteBody', damaged],
  ['InvalidDigest', damaged],
  ['XAmzContentChecksumMismatch', damaged],
  ['XAmzContentSHA256Mismatch', damaged],
  ['EntityTooLarge', ['invalid', 'key', 'it is larger than this store holds in one object']],
  ['EntityTooSmall', ['invalid', 'key', 'a part is smaller than this store takes before the last one']],
  ['KeyTooLongError', ['invalid', 'key', 'its key is longer than this store holds; shorten it']],
  ['MetadataTooLarge', ['invalid', 'key', 'its metadata is larger than this store holds; shorten it']],
  [
    'RequestHeaderSectionTooLarge',
    ['invalid', 'key', 'its metadata, headers and tags are larger than this store takes; shorten them'],
  ],
  ['InvalidTag', ['invalid', 'key', 'this store does not hold one of its tags; rename it']],
  ['InvalidStorageClass', ['invalid', 'key', "this store has no such storage class; correct the rule's storageClass"]],
  ['ExistingObjectIsDirectory', inTree],
  ['ObjectParentIsFile', inTree],
  ['NotImplemented', unbuilt],
  ['RequestTimeout', ['unreachable', 'site', 'the body arrived too slowly; nothing was stored, come back later']],
  ['RequestLimitExceeded', fast],
  ['SlowDown', fast],
  ['SlowDownRead', fast],
  ['SlowDownWrite', fast],
  ['Throttling', fast],
  ['ThrottlingException', fast],
  ['TooManyRequestsException', fast],
])

/** These tell how large it was, and how large it may be. */
export const tooLarge: ReadonlySet<string> = new Set(['EntityTooLarge', 'KeyTooLongError', 'MetadataTooLarge'])

/** Where no code tells: an answer to HEAD, another store's word, a proxy's. */
export const byStatus: ReadonlyMap<number, Row> = new Map<number, Row>([
  [301, region],
  [307, region],
  [401, signature],
  [403, forbidden],
  [404, ['unreachable', 'site', "something else than the store answered in its place; check the site's endpoint"]],
  [409, again],
  [412, unmet],
  [429, fast],
  [501, unbuilt],
])

/** Any other status that says the request was at fault. */
export const refused: Row = [
  'invalid',
  'key',
  'the store refused the request as it stands; its message is kept as the cause',
]

/** S3 has one code for several refusals of one object, and tells them apart in words alone. */
export const byText: readonly (readonly [code: string, text: RegExp, row: Row])[] = [
  ['AccessDenied', /object lock|worm/i, lock],
  ['AccessDenied', /\bkms\b/i, kms],
  ['InvalidRequest', /object lock|worm/i, lock],
  [
    'InvalidRequest',
    /server.side encryption/i,
    ['denied', 'key', 'a customer holds its encryption key, so that nobody else reads it'],
  ],
]
