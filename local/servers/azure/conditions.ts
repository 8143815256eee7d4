import { headerRefused, Refusal } from './errors.ts'

/** What a request asks of the blob that shows. ETags are without quotes; `*` stands for itself. */
export interface Conditions {
  readonly ifMatch: readonly string[]
  readonly ifNoneMatch: readonly string[]
  readonly ifModifiedSinceMs: number | null
  readonly ifUnmodifiedSinceMs: number | null
}

/** What conditions are held against. */
export interface State {
  readonly etag: string
  readonly modifiedMs: number
}

export type HeaderLookup = (name: string) => string | undefined

/** `prefix`: those of a copy's source begin with `x-ms-source-`. */
export function conditionsOf(header: HeaderLookup, prefix = ''): Conditions {
  return {
    ifMatch: etagsOf(header(`${prefix}if-match`)),
    ifNoneMatch: etagsOf(header(`${prefix}if-none-match`)),
    ifModifiedSinceMs: dateOf(`${prefix}if-modified-since`, header),
    ifUnmodifiedSinceMs: dateOf(`${prefix}if-unmodified-since`, header),
  }
}

function etagsOf(value: string | undefined): string[] {
  if (value === undefined) return []
  return value.split(',').map((etag) => etag.trim().replace(/^"(.*)"$/, '$1'))
}

function dateOf(name: string, header: HeaderLookup): number | null {
  const value = header(name)
  if (value === undefined) return null
  const ms = Date.parse(value)
  if (Number.isNaN(ms)) throw headerRefused(name, value)
  return ms
}

/** Headers show whole seconds, and conditions compare what headers show. */
function shown(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}

/** All of `If-Match`, `If-Unmodified-Since` and one of `If-None-Match`, `If-Modified-Since`, as HTTP has it. */
export function checkRead(conditions: Conditions, { etag, modifiedMs }: State): void {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions
  if (ifNoneMatch.includes('*')) throw new Refusal('UnsatisfiableCondition')
  const unmatched = ifMatch.length > 0 && !ifMatch.includes('*') && !ifMatch.includes(etag)
  const tooNew = ifUnmodifiedSinceMs !== null && shown(modifiedMs) > ifUnmodifiedSinceMs
  if (unmatched || tooNew) throw new Refusal('ConditionNotMet')
  const differs = ifNoneMatch.length > 0 ? !ifNoneMatch.includes(etag) : null
  const newer = ifModifiedSinceMs === null ? null : shown(modifiedMs) > ifModifiedSinceMs
  if ((differs === null && newer === null) || differs === true || newer === true) return
  throw new Refusal('NotModified', {}, { etag: `"${etag}"` })
}

/**
 * `creates`: a write of the whole blob, for which a blob that must not be there has an answer of its own; anything else is 412.
 * A blob that must match and is not there does not match.
 */
export function checkWrite(conditions: Conditions, state: State | null, creates: boolean): void {
  const { ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs } = conditions
  checkTogether(conditions)
  if (state === null) {
    if (ifMatch.length > 0) throw new Refusal('ConditionNotMet')
    return
  }
  const { etag, modifiedMs } = state
  if (ifNoneMatch[0] === '*') throw new Refusal(creates ? 'BlobAlreadyExists' : 'ConditionNotMet')
  if (ifNoneMatch[0] === etag) throw new Refusal('ConditionNotMet')
  if (ifMatch.length > 0 && ifMatch[0] !== '*' && ifMatch[0] !== etag) throw new Refusal('ConditionNotMet')
  // The dates are asked only where no ETag was.
  if (ifNoneMatch.length > 0 || ifMatch.length > 0) return
  const old = ifModifiedSinceMs !== null && shown(modifiedMs) <= ifModifiedSinceMs
  const fresh = ifUnmodifiedSinceMs !== null && shown(modifiedMs) > ifUnmodifiedSinceMs
  if (old || fresh) throw new Refusal('ConditionNotMet')
}

/** A write takes one ETag a header, and one question: is it still this, or is it no longer that. */
function checkTogether({ ifMatch, ifNoneMatch, ifModifiedSinceMs, ifUnmodifiedSinceMs }: Conditions): void {
  const still = ifMatch.length > 0 || ifUnmodifiedSinceMs !== null
  const nolonger = ifNoneMatch.length > 0 || ifModifiedSinceMs !== null
  if (ifMatch.length > 1 || ifNoneMatch.length > 1 || (still && nolonger)) {
    throw new Refusal('MultipleConditionHeadersNotSupported')
  }
}
