import type { Entry } from '#local/servers/engine/model.ts'
import { noSuchKey, notImplemented, Refusal } from './errors.ts'
import { recordOf, unquoted } from './record.ts'

type RequestHeaders = ReadonlyMap<string, string>

/** What must hold of what a key shows. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export type WriteCondition = { readonly if: 'absent' } | { readonly if: 'match'; readonly etag: string }

export function writeConditionIn(headers: RequestHeaders): WriteCondition | null {
  const match = headers.get('if-match')
  const noneMatch = headers.get('if-none-match')
  for (const name of ['if-modified-since', 'if-unmodified-since']) {
    if (headers.has(name)) throw notImplemented(`${name} on a write`)
  }
  if (match !== undefined && noneMatch !== undefined) throw notImplemented('If-Match beside If-None-Match')
  if (noneMatch !== undefined && noneMatch !== '*') throw notImplemented('If-None-Match other than "*" on a write')
  if (noneMatch !== undefined) return { if: 'absent' }
  if (match === '*') throw notImplemented('If-Match "*" on a write')
  return match === undefined ? null : { if: 'match', etag: unquoted(match) }
}

/** What a key showed, and whether a deletion covers it, at one moment. */
export interface Sight {
  readonly live: Entry | null
  readonly newest: Entry | null
}

/**
 * Refuses a write whose condition does not hold now. `overtaken`: a deletion came while this write was under way. It takes precedence
 * over a create, which must begin anew though nothing is there.
 */
export function checkWrite(
  key: string,
  condition: WriteCondition | null,
  live: Entry | null,
  overtaken: boolean,
): void {
  if (condition === null) return
  if (condition.if === 'match') {
    if (live === null) throw noSuchKey(key)
    if (recordOf(live).etag !== condition.etag) throw preconditionFailed('If-Match')
    return
  }
  if (live !== null) throw preconditionFailed('If-None-Match')
  if (!overtaken) return
  const message = 'The object was deleted while this write was under way: begin it again.'
  throw new Refusal('ConditionalRequestConflict', message, { Condition: 'If-None-Match', Key: key })
}

/** Whether what a key showed `before` was deleted since, or a newer delete marker lies on top. */
export function deletedSince(before: Sight, now: Sight): boolean {
  if (now.newest?.marker === true) return now.newest.order > (before.newest?.order ?? -1)
  return before.live !== null && now.live === null
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
export function checkDelete(key: string, etag: string | null, { live, newest }: Sight): void {
  if (etag === null) return
  if (newest === null) throw noSuchKey(key)
  const wanted = unquoted(etag)
  if (live === null || (wanted !== '*' && recordOf(live).etag !== wanted)) throw preconditionFailed('If-Match')
}

/** The four headers of conditional reads, by the names that they have there. */
export interface ReadNames {
  readonly match: string
  readonly noneMatch: string
  readonly modifiedSince: string
  readonly unmodifiedSince: string
}

const ofRead: ReadNames = {
  match: 'if-match',
  noneMatch: 'if-none-match',
  modifiedSince: 'if-modified-since',
  unmodifiedSince: 'if-unmodified-since',
}

export const ofCopySource: ReadNames = {
  match: 'x-amz-copy-source-if-match',
  noneMatch: 'x-amz-copy-source-if-none-match',
  modifiedSince: 'x-amz-copy-source-if-modified-since',
  unmodifiedSince: 'x-amz-copy-source-if-unmodified-since',
}

/** ETags outrank dates. The name of the header that does not hold, or `null`. */
export function unmet(headers: RequestHeaders, names: ReadNames, entry: Entry): keyof ReadNames | null {
  const { etag } = recordOf(entry)
  const match = headers.get(names.match)
  if (match !== undefined && !listed(match, etag)) return 'match'
  const unmodifiedMs = dateIn(headers, names.unmodifiedSince)
  if (match === undefined && unmodifiedMs !== null && entry.dateMs > unmodifiedMs) return 'unmodifiedSince'
  const noneMatch = headers.get(names.noneMatch)
  if (noneMatch !== undefined) return listed(noneMatch, etag) ? 'noneMatch' : null
  const modifiedMs = dateIn(headers, names.modifiedSince)
  return modifiedMs !== null && entry.dateMs <= modifiedMs ? 'modifiedSince' : null
}

/** A read whose condition does not hold: nothing new, or not what was meant. */
export function checkRead(headers: RequestHeaders, entry: Entry): void {
  const name = unmet(headers, ofRead, entry)
  if (name === null) return
  if (name === 'match' || name === 'unmodifiedSince') throw preconditionFailed(ofRead[name])
  const shown = { etag: `"${recordOf(entry).etag}"`, 'last-modified': new Date(entry.dateMs).toUTCString() }
  throw new Refusal('NotModified', 'Not modified.', {}, shown)
}

export function preconditionFailed(condition: string): Refusal {
  return new Refusal('PreconditionFailed', `${condition} does not hold.`, { Condition: condition })
}

function listed(header: string, etag: string): boolean {
  return header.split(',').some((one) => one.trim() === '*' || unquoted(one.trim().replace(/^W\//, '')) === etag)
}

/** A date that is none says nothing, as HTTP has it. */
function dateIn(headers: RequestHeaders, name: string): number | null {
  const ms = Date.parse(headers.get(name) ?? '')
  return Number.isNaN(ms) ? null : ms
}
