import type { Bucket, Entry, ListPage, ListQuery } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import type { Call } from './call.ts'
import { json } from './json.ts'
import { readPageToken, writePageToken } from './page-token.ts'
import { isUnlocked } from './reads.ts'
import { refuseParameter } from './refusals.ts'
import { resourceOf } from './resource.ts'

const pageMax = 1000
/** Passed over they would show too much. */
const notDone = ['filter', 'matchGlob', 'softDeleted']

/** What a client asks of a listing; both offsets are compared as bytes of UTF-8. */
interface Wanted extends Pick<ListQuery, 'prefix' | 'delimiter' | 'what' | 'max'> {
  /** Names from here on; '' for all. */
  readonly startOffset: string
  /** Names before this; '' for all. */
  readonly endOffset: string
  readonly includeTrailingDelimiter: boolean
}

/** Names in the order of UTF-8 bytes; the generations of one name oldest first. */
export function listObjects(bucket: Bucket, call: Call): Answer {
  const wanted = wantedOf(call)
  const token = call.query('pageToken')
  const page = token === null ? firstPage(bucket, wanted) : pageAfter(bucket, wanted, readPageToken(token), wanted.max)
  const { entries, commonPrefixes, more } = cutAt(bucket, wanted, page)
  const items = wanted.includeTrailingDelimiter ? withTrailing(bucket, wanted, entries, commonPrefixes) : entries
  return json({
    kind: 'storage#objects',
    ...(more && page.end !== null ? { nextPageToken: writePageToken(page.end) } : {}),
    ...(commonPrefixes.length === 0 ? {} : { prefixes: commonPrefixes }),
    ...(items.length === 0
      ? {}
      : { items: items.map((entry) => resourceOf(call.base, bucket, entry, isUnlocked(call, entry))) }),
  })
}

function wantedOf(call: Call): Wanted {
  for (const name of notDone) {
    const asked = call.query(name)
    if (asked !== null && asked !== 'false') refuseParameter(name, asked, 'nothing: it is not done here')
  }
  const text = (name: string) => call.query(name) ?? ''
  const delimiter = text('delimiter')
  const max = text('maxResults')
  if (!/^[0-9]{0,10}$/.test(max)) refuseParameter('maxResults', max, 'a number')
  return {
    prefix: text('prefix'),
    delimiter: delimiter === '' ? null : delimiter,
    startOffset: text('startOffset'),
    endOffset: text('endOffset'),
    includeTrailingDelimiter: flag(call, 'includeTrailingDelimiter'),
    what: flag(call, 'versions') ? 'all' : 'live',
    // The cloud takes 0 for its own greatest page.
    max: Math.min(Number(max) || pageMax, pageMax),
  }
}

function flag(call: Call, name: string): boolean {
  const text = call.query(name)
  if (text !== null && text !== 'true' && text !== 'false') refuseParameter(name, text, 'true or false')
  return text === 'true'
}

function pageAfter(bucket: Bucket, wanted: Wanted, after: ListQuery['after'], max: number): ListPage {
  const { prefix, delimiter, what } = wanted
  return bucket.list({ prefix, delimiter, after, max, what, sorted: 'utf8', newestFirst: false })
}

/** The engine begins after a name, Cloud Storage with it: so the generations of `startOffset` itself are looked at first. */
function firstPage(bucket: Bucket, wanted: Wanted): ListPage {
  const { startOffset, max, what } = wanted
  if (startOffset === '') return pageAfter(bucket, wanted, null, max)
  if (what === 'all') return pageAfter(bucket, wanted, { key: startOffset, order: -1 }, max)
  const first = bucket.live(startOffset)
  if (first === null || !startOffset.startsWith(wanted.prefix))
    return pageAfter(bucket, wanted, { key: startOffset }, max)
  const commonPrefix = rolledUp(startOffset, wanted)
  const end = commonPrefix === null ? { key: startOffset } : { commonPrefix }
  const rest = pageAfter(bucket, wanted, end, max - 1)
  return {
    entries: commonPrefix === null ? [first, ...rest.entries] : rest.entries,
    commonPrefixes: commonPrefix === null ? rest.commonPrefixes : [commonPrefix, ...rest.commonPrefixes],
    more: rest.more,
    end: rest.end ?? end,
  }
}

/** Ends the page at `endOffset`. A common prefix stays if a name before it is rolled up into it. */
function cutAt(bucket: Bucket, wanted: Wanted, page: ListPage): Pick<ListPage, 'entries' | 'commonPrefixes' | 'more'> {
  const { endOffset } = wanted
  if (endOffset === '') return page
  const entries = page.entries.filter(({ key }) => isBefore(key, endOffset))
  const commonPrefixes = page.commonPrefixes.filter((prefix) => {
    if (!endOffset.startsWith(prefix)) return isBefore(prefix, endOffset)
    const below = { ...wanted, prefix, delimiter: null, max: 1 }
    return firstPage(bucket, below).entries.some(({ key }) => isBefore(key, endOffset))
  })
  const whole = entries.length === page.entries.length && commonPrefixes.length === page.commonPrefixes.length
  return { entries, commonPrefixes, more: page.more && whole }
}

/** Beside each common prefix, the object that is named just so. */
function withTrailing(bucket: Bucket, wanted: Wanted, entries: readonly Entry[], prefixes: readonly string[]): Entry[] {
  const trailing = prefixes.flatMap((prefix) => {
    const live = bucket.live(prefix)
    if (wanted.what === 'all') return [...bucket.versions(prefix)].toReversed()
    return live === null ? [] : [live]
  })
  return [...entries, ...trailing].toSorted((a, b) => compareBytes(a.key, b.key) || a.order - b.order)
}

function rolledUp(key: string, { prefix, delimiter }: Wanted): string | null {
  const at = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length)
  return delimiter === null || at === -1 ? null : key.slice(0, at + delimiter.length)
}

function isBefore(a: string, b: string): boolean {
  return compareBytes(a, b) < 0
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
