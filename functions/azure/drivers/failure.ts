/** What Azure's refusals mean, classified once and by its own codes; the SDK's error stays as the cause. */
import { isRestError, type RestError } from '@azure/storage-blob'
import { Failure, type FailureKind, type FailureScope } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { answerOf, NoToken } from './client.ts'
import { shown } from './shown.ts'

/** One call, for its failure's sake. */
export interface Asked {
  readonly site: SiteId
  readonly verb: string
  /** `null` for listings. */
  readonly key: Key | null
  /** What its address names. */
  readonly path: 'blob' | 'container'
  readonly writes: boolean
}

export interface Circumstances {
  /** Whether it was handed to the transport at all. */
  readonly sent: boolean
  /** Whether anything came back. */
  readonly answered: boolean
  /** Whether the caller gave up; the SDK also calls it so when a connection breaks. */
  readonly aborted: boolean
  /** By how much the store's clock is ahead of ours; `null` where it has not told the time. */
  readonly aheadMs: number | null
}

interface Verdict {
  readonly kind: FailureKind
  readonly scope?: FailureScope
  readonly expected: string
}

const conflict: Verdict = { kind: 'conflict', expected: 'the version that the condition names' }
/** `denied` as at every cloud: like a permission that is granted, a container that is made ends the outage, and every key waits until then. */
const noContainer: Verdict = { kind: 'denied', scope: 'site', expected: 'the container; create it or mend its name' }
const denied: Verdict = { kind: 'denied', scope: 'site', expected: 'a permission; grant it to this identity' }
const parked = (expected: string): Verdict => ({ kind: 'denied', scope: 'key', expected })
const invalid = (expected: string): Verdict => ({ kind: 'invalid', scope: 'key', expected })
const damaged: Verdict = { kind: 'corrupt', expected: 'the bytes of the checksum that was sent with them' }
const strange: Verdict = {
  kind: 'invalid',
  scope: 'site',
  expected: 'a server of this client’s version; bring it up to date (Azurite: --skipApiVersionCheck)',
}
const busy: Verdict = { kind: 'throttled', scope: 'site', expected: 'fewer requests; it is asked again later' }

const leased = parked('no lease on it; end the lease')
const held = parked('no hold and no immutability policy on it; release it')
const archived = parked('a tier that can be read; rehydrate it')
const otherKey = parked('no key of the customer’s own; write it again without one')
const otherKind = parked('a block blob or nothing; remove what lies there')
const long = invalid('what this store can hold')

const verdicts: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ['ConditionNotMet', conflict],
  ['TargetConditionNotMet', conflict],
  ['BlobAlreadyExists', conflict],
  ['BlobOverwritten', conflict],
  ['ContainerNotFound', noContainer],
  ['ContainerBeingDeleted', noContainer],
  ['ResourceNotFound', noContainer],
  ['LeaseIdMissing', leased],
  ['LeaseIdMismatchWithBlobOperation', leased],
  ['LeaseLost', leased],
  ['SnapshotsPresent', parked('no snapshots of it; delete them')],
  ['BlobImmutableDueToPolicy', held],
  ['BlobImmutableDueToLegalHold', held],
  ['BlobArchived', archived],
  ['BlobBeingRehydrated', archived],
  ['BlobUsesCustomerSpecifiedEncryption', otherKey],
  ['BlobDoesNotUseCustomerSpecifiedEncryption', otherKey],
  ['BlobCustomerSpecifiedEncryptionMismatch', otherKey],
  ['InvalidBlobType', otherKind],
  ['InvalidBlobOrBlock', parked('no uncommitted blocks of another writer; they go with its commit or within a week')],
  ['PendingCopyOperation', { kind: 'throttled', scope: 'key', expected: 'the copy onto it to end' }],
  ['MetadataTooLarge', long],
  ['InvalidMetadata', invalid('metadata that this store can hold')],
  ['RequestBodyTooLarge', long],
  ['BlockCountExceedsLimit', long],
  ['TagsTooLarge', long],
  ['Md5Mismatch', damaged],
  ['Crc64Mismatch', damaged],
  ['ServerBusy', busy],
  ['FeatureVersionMismatch', strange],
])

/** The request cannot have arrived: no connection came about. */
const unconnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNECTIONLATE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Signatures are refused from a quarter of an hour on. */
const skewMsMax = 10 * 60_000

export function failureOf(thrown: unknown, asked: Asked, about: Circumstances): Failure {
  if (thrown instanceof Failure) return thrown
  if (thrown instanceof NoToken) {
    return about.aborted
      ? ended(thrown, asked, { ...about, sent: false })
      : say(asked, denied, `no token (${reasonIn(thrown)})`, thrown)
  }
  if (about.aborted && !(isRestError(thrown) && thrown.statusCode !== undefined)) return ended(thrown, asked, about)
  if (isRestError(thrown)) return ofAnswer(thrown, asked, about)
  if (nameOf(thrown) === 'AbortError') return lost(thrown, asked, 'a connection that broke')
  // The SDK trips over answers that are no answers of Azure's; what it throws without one is a defect of ours.
  if (about.answered) return lost(thrown, asked, 'an answer that is not Azure’s')
  throw thrown
}

/** The first line of what the token service said, which names the trust that is missing. */
function reasonIn({ message }: NoToken): string {
  const [line = ''] = message.split(/[\r\n]/, 1)
  return line.replace(/[\p{C}\p{Z}]+/gu, ' ').slice(0, 300)
}

/** Whether the store says that there is no such blob, or no such version. A 404 that does not say so is no absence. */
export function isAbsent(thrown: unknown): boolean {
  return isRestError(thrown) && thrown.statusCode === 404 && codeOf(thrown) === 'BlobNotFound'
}

/** An answer came, and it was no XML that the SDK can read. */
export function isUnreadable(thrown: unknown): boolean {
  return isRestError(thrown) && thrown.statusCode === 200 && thrown.code === 'PARSE_ERROR'
}

export function isRefused(thrown: unknown, ...codes: readonly string[]): boolean {
  return isRestError(thrown) && codes.includes(codeOf(thrown))
}

function ofAnswer(error: RestError, asked: Asked, about: Circumstances): Failure {
  const { statusCode = 0, request } = error
  // The cause may be shown somewhere: it keeps no token and no signature.
  request?.headers.delete('authorization')
  if (statusCode < 300) {
    if (unconnected.has(error.code ?? '')) return unreached(error, asked, `no connection (${error.code})`)
    return lost(error, asked, statusCode === 0 ? (error.code ?? 'no answer') : 'an answer that could not be read')
  }
  const code = codeOf(error)
  const verdict = verdicts.get(code) ?? ofCode(code, asked) ?? ofStatus(statusCode)
  const found = code === '' ? `${statusCode} without a reason` : `${code} (${statusCode})`
  if (verdict === null) return lost(error, asked, found)
  return say(asked, skewed(verdict, about), found, error)
}

function ofCode(code: string, { writes }: Asked): Verdict | null {
  // A read says nothing of a user's in its headers: what is refused there is our version of the protocol.
  if (code === 'InvalidHeaderValue' && !writes) return strange
  if (code === 'BlobNotFound') return writes ? conflict : { kind: 'absent', expected: 'that version of it' }
  return code.startsWith('KeyVault')
    ? { ...denied, expected: 'the key of the account; let it use its key vault' }
    : null
}

/** `null`: whether anything was done is not known. */
function ofStatus(status: number): Verdict | null {
  if (status === 401 || status === 403) return denied
  if (status === 409) return parked('a blob that can be written; look at it in the portal')
  if (status === 412) return conflict
  if (status === 413) return long
  if (status === 429) return busy
  const own = status >= 400 && status < 500 && status !== 404 && status !== 408
  return own ? invalid('a request that this store understands') : null
}

function skewed(verdict: Verdict, { aheadMs }: Circumstances): Verdict {
  if (verdict !== denied || aheadMs === null || Math.abs(aheadMs) < skewMsMax) return verdict
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  return {
    ...denied,
    expected: `our clock, ${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} the store’s, to be right; set it`,
  }
}

/** The header tells it even where there is no body, or one that is no XML. */
function codeOf(error: RestError): string {
  const told = answerOf(error)?.get('x-ms-error-code')
  if (told !== undefined) return told
  return /^[A-Z][A-Za-z0-9]+$/.test(error.code ?? '') ? error.code! : ''
}

function say(asked: Asked, { kind, scope, expected }: Verdict, found: string, cause: unknown): Failure {
  const details = { site: asked.site, cause }
  return new Failure(
    kind,
    `${nameOfCall(asked)}: found ${found}, expected ${expected}`,
    scope === undefined ? details : { ...details, scope },
  )
}

/** The caller had no more time: that says nothing about the site. */
function ended(cause: unknown, asked: Asked, { sent }: Circumstances): Failure {
  const kind = sent && asked.writes ? 'unknown' : 'unreachable'
  const what = sent ? 'ended by the caller before its answer came' : 'not sent, ended by the caller'
  return new Failure(kind, `${nameOfCall(asked)}: ${what}`, { site: asked.site, scope: 'key', cause })
}

function lost(cause: unknown, asked: Asked, found: string): Failure {
  const { site, writes } = asked
  const next = writes ? 'it may have been done; it is looked at again' : 'it is asked again later'
  const message = `${nameOfCall(asked)}: found ${found}, expected an answer; ${next}`
  return new Failure(writes ? 'unknown' : 'unreachable', message, { site, scope: writes ? 'key' : 'site', cause })
}

function unreached(cause: unknown, asked: Asked, found: string): Failure {
  const message = `${nameOfCall(asked)}: not sent, found ${found}, expected the account’s endpoint; mend its address or wait`
  return new Failure('unreachable', message, { site: asked.site, scope: 'site', cause })
}

/** On one line, whatever the key holds. */
export function nameOfCall({ site, verb, key }: Asked): string {
  return key === null ? `${site}: ${verb}` : `${site}: ${verb} ${shown(key)}`
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : ''
}
