import { Failure, type FailureScope } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'

/** One act at a site, for whoever reads how it failed. */
export interface About {
  readonly site: SiteId
  readonly verb: string
  /** `null` for listings. */
  readonly key: Key | null
  /** Those that it needs. */
  readonly buckets: readonly string[]
  /** Whether it changes anything: then an answer that is lost leaves a doubt. */
  readonly write: boolean
}

/** How Cloud Storage said no. */
export interface Refusal {
  readonly status: number
  /** The machine's word for it, '' where the body is not that of the JSON API. */
  readonly reason: string
  readonly message: string
}

/** Reads the body of an answer that says no; downloads are refused in plain text. */
export function refusalOf(status: number, body: string): Refusal {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: unknown; errors?: { reason?: unknown }[] } }
    const reason = error?.errors?.[0]?.reason
    const message = error?.message
    return {
      status,
      reason: typeof reason === 'string' ? reason : '',
      message: typeof message === 'string' ? message : '',
    }
  } catch {
    return { status, reason: '', message: body }
  }
}

/** Its 404 names the object; one for a bucket does not, nor does that of a server in between. */
export function saysNoSuchObject({ status, message }: Refusal): boolean {
  return status === 404 && message.startsWith('No such object')
}

/**
 * An answer that says no, by status, then by reason. Where the documented reason is not the one that is sent, its sentence decides: a hold is
 * refused as `forbidden`, a checksum as `invalid`. `whole`: the store may have had all of the request before it answered.
 */
export function refused(about: About, refusal: Refusal, whole: boolean): Failure {
  const { status, reason, message } = refusal
  const fail = (kind: Failure['kind'], scope: FailureScope, remedy: string): Failure =>
    failure(about, kind, scope, `refused with ${status} ${reason}: ${oneLine(message) || 'no reason given'}; ${remedy}`)
  const unanswered = about.write && whole
  switch (status) {
    case 400:
      return badRequest(about, refusal, fail)
    case 401:
      return fail('denied', 'site', 'expected a valid token: look at the identity of this function and at its clock')
    case 403:
      return forbidden(about, refusal, fail)
    case 409:
    case 412:
      return fail('conflict', 'key', 'the object is not as it was expected: look again')
    case 429:
      // One write a second and name is the name's own trouble: it must not open the breaker of a whole site. What is read has no such limit.
      return fail('throttled', about.write ? 'key' : 'site', 'ask again later')
    case 503:
      // It is sent for overload, and also after the work was done: of a write nobody can tell which.
      if (!unanswered) return fail('throttled', 'site', 'ask again later')
      return fail('unknown', 'key', 'it may have been done: read back')
    default:
      if (status >= 400 && status < 500 && status !== 408 && status !== 499)
        return fail('invalid', 'key', 'no repetition mends this')
      return unanswered
        ? fail('unknown', 'key', 'it may have been done: read back')
        : fail('unreachable', 'site', 'ask again later')
  }
}

type Fail = (kind: Failure['kind'], scope: FailureScope, remedy: string) => Failure

function badRequest(about: About, { reason, message }: Refusal, fail: Fail): Failure {
  if (reason === 'userProjectMissing' || /requester pays/i.test(message))
    return fail('denied', 'site', 'the bucket makes its readers pay: turn that off, or replicate from another site')
  if (/CustomerEncryption/i.test(reason))
    return fail('denied', 'key', 'it is encrypted with a key of its own: encrypt it with a key of the bucket')
  if (/^cloudKms/i.test(reason)) return fail('denied', kmsScope(about), 'enable the key, or choose another')
  if (about.write && /doesn't match calculated (?:CRC32C|MD5)/i.test(message))
    return fail('corrupt', 'key', 'bytes changed on their way: send them again')
  return fail('invalid', 'key', 'no repetition mends this')
}

function forbidden(about: About, { reason, message }: Refusal, fail: Fail): Failure {
  if (/Cloud KMS key/i.test(message) || /^cloudKms/i.test(reason))
    return fail('denied', kmsScope(about), 'let the service account of Cloud Storage use the key')
  const kept = reason === 'retentionPolicyNotMet' || reason === 'objectUnderActiveHold'
  if (kept || /is under active .* hold/i.test(message))
    return fail('denied', 'key', 'end its retention or hold, then replicate the key')
  if (/rateLimitExceeded|quotaExceeded/i.test(reason)) return fail('throttled', 'site', 'ask again later')
  return fail('denied', 'site', 'grant the identity of this function its role on the bucket')
}

/** We name no key: a write meets the bucket's own, and so will every other. What is read may have one that nothing else has. */
function kmsScope({ write }: About): FailureScope {
  return write ? 'site' : 'key'
}

/**
 * A 404 that is the bucket's: an outage to the core, never absence, or all its keys would count as deleted. `denied` as at every cloud: like a
 * permission that is granted, a bucket that is made ends it.
 */
export function noBucket(about: About, bucket: string): Failure {
  return failure(about, 'denied', 'site', `there is no bucket ${bucket}; create it, or mend the configuration`)
}

export function noObject(about: About): Failure {
  return failure(about, 'absent', 'key', 'it is not there')
}

/** How far a request got that nobody answered. */
export interface Fate {
  /** Whether all of it was given to the network, so that the store may have had it whole. */
  readonly whole: boolean
  /** Whether any of it was: else only credentials were asked for. */
  readonly handed: boolean
  readonly ended: 'by the caller' | 'by silence' | null
  readonly silenceMs: number
}

/** No answer, or not all of one. What was not sent whole was not done: a store acts on no half request. */
export function lost(about: About, fate: Fate, thrown: unknown): Failure {
  const cause = rootOf(thrown)
  const code = codeOf(cause)
  if (fate.ended === 'by the caller') {
    // Whoever had no more time says nothing about the site.
    return failure(about, doubt(about, fate, code), 'key', 'ended by the caller', cause)
  }
  if (fate.ended === 'by silence') {
    return unanswered(about, doubt(about, fate, code), `no answer within ${fate.silenceMs} ms`, cause)
  }
  if (!fate.handed && code === '' && !isPassing(cause)) {
    // What cannot be sent as a header is told with all its letters, and a token is one.
    const told = cause instanceof Error ? oneLine(cause.message) : 'no reason given'
    const why = /\bBearer\b/.test(told) ? 'the token has a letter that no header can hold' : told
    const remedy = 'look at the identity of this function, and at its clock'
    return failure(about, 'denied', 'site', `no credentials: ${why}; ${remedy}`, cause)
  }
  const what = isBeforeSending(code) ? `not sent, ${code}` : `no answer, ${code || 'the connection broke'}`
  return unanswered(about, doubt(about, fate, code), what, cause)
}

function doubt(about: About, { whole }: Fate, code: string): 'unknown' | 'unreachable' {
  return about.write && whole && !isBeforeSending(code) ? 'unknown' : 'unreachable'
}

function unanswered(about: About, kind: 'unknown' | 'unreachable', what: string, cause: unknown): Failure {
  if (kind === 'unknown') return failure(about, kind, 'key', `${what}; it may have been done: read back`, cause)
  return failure(about, kind, 'site', `${what}; look at the network and at the address`, cause)
}

/**
 * An answer that is not Cloud Storage's: something in between speaks, or it is broken. Not `corrupt`, which would be asked again at once:
 * the site cannot be reached, and its breaker should know.
 */
export function garbled(about: About, what: string, cause?: unknown): Failure {
  return unanswered(about, about.write ? 'unknown' : 'unreachable', `found ${what}`, cause)
}

export function failure(
  about: About,
  kind: Failure['kind'],
  scope: FailureScope,
  what: string,
  cause?: unknown,
): Failure {
  const { site, verb, key } = about
  const act = key === null ? verb : `${verb} ${shown(key)}`
  return new Failure(kind, `${act} at ${site}: ${what}`, { site, scope, cause })
}

/** A name or a text on one line, whatever is in it. */
export function shown(text: string): string {
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) =>
    [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  )
}

function oneLine(text: string): string {
  const line = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 300).toWellFormed()}…` : line
}

/** Below what the SDK wraps around it, which holds the request with all its headers. */
function rootOf(thrown: unknown): unknown {
  let root = thrown
  for (let depth = 0; depth < 8 && root instanceof Error && root.cause instanceof Error; depth++) root = root.cause
  return root
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : ''
  const call = cause instanceof Error && 'erroredSysCall' in cause ? cause.erroredSysCall : ''
  if (typeof code !== 'string') return ''
  return call === 'connect' ? `${code} while connecting` : code
}

/** Whether those who give out credentials are busy themselves. */
function isPassing(cause: unknown): boolean {
  const status = cause instanceof Error && 'status' in cause ? cause.status : undefined
  return typeof status === 'number' && (status >= 500 || status === 429)
}

/** Nobody was there to take it, or its name or certificate did not hold: nothing was sent. */
function isBeforeSending(code: string): boolean {
  return /^(?:ECONNREFUSED|ENOTFOUND|EAI_|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_)|connecting$/.test(code)
}
