export interface ByteRange {
  readonly start: number
  /** Not included. */
  readonly end: number
}

/**
 * One range of a content of this size, as the clouds answer it. `null`: the header is absent, malformed or asks for several, and the whole is
 * the answer. An end beyond the content is the content's end.
 */
export function range(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return null
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size }
  }
  const start = Number(first)
  const end = last === '' ? size : Math.min(Number(last) + 1, size)
  if (last !== '' && Number(last) < start) return null
  return start >= size ? 'unsatisfiable' : { start, end }
}
