/** What S3's refusals and the network's troubles mean to the port. Classified here, once; the cause is kept. */
import { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { byCode, byStatus, byText, fast, kms, noBucket, refused, type Row, tooLarge, unmet } from './refusals.ts'

/** One request, as a failure tells of it. */
export interface Call {
  readonly site: SiteId
  readonly verb: string
  readonly bucket: string
  /** `null` for listings and for the bucket itself. */
  readonly key: string | null
  /** For which key it is done, where its own is one that nobody knows. */
  readonly of?: string
  /** Whether it may have changed what the port shows though nobody learned of it. */
  readonly writes: boolean
  /** Of the body that it sends. */
  readonly bytes?: number
  /** Though it is about a key, it asks the bucket: an answer of absence means the bucket. */
  readonly asksBucket?: boolean
}

/** How it went wrong. */
export interface Trouble {
  /** Whether the store may have begun to read it. */
  readonly sent: boolean
  /** Of the answer; `null` where none came. */
  readonly status: number | null
  /** Given up by the caller. */
  readonly left: boolean
  readonly cause: unknown
}

/** What was thrown on the way to an answer, as the port's one error. */
export function failureOf(call: Call, { sent, status, left, cause }: Trouble): Failure {
  const make = ([kind, scope, why]: Row) =>
    new Failure(kind, `${about(call)}: ${why}`, { site: call.site, scope, cause })
  if (left) return make(sent && call.writes ? ['unknown', 'key', ended] : ['unreachable', 'key', ended])
  if (status === null) return make(unanswered(call, sent, cause))
  const code = codeOf(cause)
  const said = code === null ? String(status) : `${status} ${code}`
  const row = rowFor(call, status, code, cause)
  return make(row === null ? lost(call, `${said} instead of a clear answer`) : [row[0], row[1], `${said}, ${row[2]}`])
}

const ended = 'ended by the caller'

/** Nothing left this machine. */
export function notSent({ site, ...call }: Call, why: string, cause?: unknown): Failure {
  return new Failure('unreachable', `${about({ site, ...call })}: not sent, ${why}`, { site, scope: 'key', cause })
}

/** An answer that came and cannot be read is an answer lost: something between us and the store, or the store itself, is not as it should be. */
export function unreadable(call: Call, why: string, cause?: unknown): Failure {
  const [kind, scope, words] = lost(call, `answered, but ${why}`)
  return new Failure(kind, `${about(call)}: ${words}`, { site: call.site, scope, cause })
}

function rowFor(call: Call, status: number, code: string | null, cause: unknown): Row | null {
  // Only a condition can miss what a write was to replace.
  if (code === 'NoSuchKey' && call.writes) return unmet
  if (code === null && status === 404 && (call.asksBucket === true || call.key === null)) return noBucket
  // To HEAD, S3 says SlowDown by its status alone; a read that was not done may be called slow, a write may not.
  if (code === null && status === 503 && !call.writes) return fast
  const told = byText.find(([named, text]) => named === code && text.test(messageOf(cause)))
  if (told !== undefined) return told[2]
  if (code?.startsWith('KMS')) return kms
  const row = byCode.get(code ?? '') ?? byStatus.get(status)
  if (row === undefined) return status >= 400 && status < 500 && status !== 408 ? refused : null
  return code !== null && tooLarge.has(code) ? [row[0], row[1], row[2] + sizes(call, code, cause)] : row
}

/** How large it is and may be: by the store's word, or else by what we sent. */
function sizes({ key, bytes }: Call, code: string, cause: unknown): string {
  const { Size, ProposedSize = Size, MaxSizeAllowed } = cause as Record<string, unknown>
  const own = code === 'KeyTooLongError' && key !== null ? Buffer.byteLength(key) : bytes
  const [found, most] = [ProposedSize, MaxSizeAllowed].map((text) => Number(text))
  const size = Number.isSafeInteger(found) ? found : own
  if (size === undefined) return ''
  return `: found ${size} bytes${Number.isSafeInteger(most) ? `, expected at most ${most}` : ''}`
}

function unanswered(call: Call, sent: boolean, cause: unknown): Row {
  const why = codeOf(cause) ?? 'no answer'
  if (sent && neverConnected(cause)) {
    return ['unreachable', 'site', `not sent, ${why}; check the site's endpoint, then come back later`]
  }
  return sent ? lost(call, `no answer (${why})`) : unsent(cause, why)
}

/** Before it sends anything the SDK asks who we are: services and files with troubles of their own, told in words like the store's. */
function unsent(cause: unknown, why: string): Row {
  if (isOfNetwork(cause)) {
    return ['unreachable', 'site', `not sent, whoever says who we are cannot be reached (${why}); come back later`]
  }
  if (why === 'NoIdentity') {
    const reason = messageOf(cause)
      .replace(/[\p{C}\p{Z}]+/gu, ' ')
      .slice(0, 300)
    return ['denied', 'site', `not sent, no credentials for the role ${reason}; look at whom it trusts`]
  }
  if (why.endsWith('ProviderError') || (cause instanceof Error && ('$fault' in cause || 'syscall' in cause))) {
    return ['denied', 'site', `not sent, no credentials (${why}); give the function a role that it may assume`]
  }
  return [
    'invalid',
    'site',
    `not sent, the SDK would not have it (${why}); check the site's bucket, region and endpoint`,
  ]
}

function lost({ writes }: Call, why: string): Row {
  return writes
    ? ['unknown', 'key', `${why}; it may have been done, look again`]
    : ['unreachable', 'site', `${why}; come back later`]
}

/** Of a connection that did not come about in time. */
export const connectionLate = 'ECONNECTIONLATE'

/** A connection that failed on its way up carried no request. */
function neverConnected(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  const { syscall, code } = cause as NodeJS.ErrnoException
  if (syscall === 'connect' || syscall === 'getaddrinfo' || code === connectionLate) return true
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(neverConnected)
  return /^(?:CERT_|DEPTH_ZERO_|ERR_TLS_CERT_|SELF_SIGNED_|UNABLE_TO_)/.test(code ?? '')
}

function isOfNetwork(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  const { name, code } = cause as NodeJS.ErrnoException
  if (name === 'NoIdentity') return isOfNetwork(cause.cause)
  return neverConnected(cause) || name === 'TimeoutError' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** The store's own refusal behind a failure, to be judged by who asked; `null` where it gave none. */
export function refusalIn({ cause }: Failure): Refusal | null {
  if (!(cause instanceof Error) || !('$metadata' in cause)) return null
  const { $metadata, $response } = cause as ServiceError
  const status = $metadata?.httpStatusCode
  return status === undefined ? null : { status, code: codeOf(cause), told: $response?.headers ?? {} }
}

export interface Refusal {
  readonly status: number
  readonly code: string | null
  readonly told: Readonly<Record<string, string>>
}

interface ServiceError {
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

/** The store's word, or else the system's; a name that the SDK gave for want of one is none. */
function codeOf(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null
  const { Code, code, name } = cause as { Code?: unknown; code?: unknown; name: string }
  const words = '$fault' in cause ? [Code, name] : [code, name]
  const told = words.find((word) => typeof word === 'string' && /^[A-Z][\w.]{1,63}$/.test(word))
  return typeof told === 'string' && !wordless.has(told) ? told : null
}

const wordless: ReadonlySet<string> = new Set([
  'AggregateError',
  'Error',
  'NotFound',
  'S3ServiceException',
  'SyntaxError',
  'TypeError',
  'Unknown',
  'UnknownError',
])

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : ''
}

/** Keys are hostile: whatever they hold, it stays one line. */
function about({ verb, key, of, bucket, site }: Call): string {
  const named = of ?? key
  return `${verb} ${named === null ? `in ${bucket}` : quoted(named)} at ${site}`
}

export function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
