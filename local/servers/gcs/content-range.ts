import { refuse } from './refusals.ts'

/** What one request of a resumable session says that it brings. */
export type ContentRange =
  | { readonly asks: true; readonly total: number | null }
  /** `end` is not included; `null`: as many as come, and they are the last. `total`: `null` where more may follow. */
  | { readonly asks: false; readonly start: number; readonly end: number | null; readonly total: number | null }

/** As in `bytes 0-262143/*`, `bytes 262144-*` + `/1048593`, `bytes *` + `/*`; without the header the body is the whole. */
export function contentRangeOf(header: string | null): ContentRange {
  if (header === null) return { asks: false, start: 0, end: null, total: null }
  const [, range = '', first = '', last = '', whole = ''] =
    /^bytes (\*|(\d{1,15})-(\d{1,15}|\*))\/(\d{1,15}|\*)$/.exec(header.trim()) ?? []
  if (range === '') refuse('invalid', `Content-Range: found ${JSON.stringify(header)}, expected bytes FIRST-LAST/TOTAL`)
  const total = whole === '*' ? null : Number(whole)
  if (range === '*') return { asks: true, total }
  const start = Number(first)
  const end = last === '*' ? null : Number(last) + 1
  return { asks: false, start, end, total }
}
