export interface Parameter {
  readonly name: string
  readonly value: string
  /** As sent, for signatures. `null`: no `=` followed the name. */
  readonly rawName: string
  readonly rawValue: string | null
}

/** A request's target, taken apart and decoded; nothing in it is normalised, so `a/../b` is what it says. */
export interface Target {
  /** As sent, for signatures: from the first `/` up to `?`. */
  readonly rawPath: string
  /** As sent, without `?`; '' where there is none. */
  readonly rawQuery: string
  readonly path: string
  /** The decoded pieces between the slashes that were sent as slashes: a `%2F` parts nothing. `/a/b%2Fc` has `a` and `b/c`. */
  readonly segments: readonly string[]
  /** In the order sent, repetitions too. */
  readonly query: readonly Parameter[]
  /** The value of the first parameter of this name. */
  parameter(name: string): string | null
}

/** `null` where the escapes are malformed or what they spell is not UTF-8. */
export function target(raw: string): Target | null {
  const local = raw.replace(/^https?:\/\/[^/?]*/i, '')
  const mark = local.indexOf('?')
  const rawPath = mark === -1 ? local : local.slice(0, mark)
  const rawQuery = mark === -1 ? '' : local.slice(mark + 1)
  if (rawPath !== '' && !rawPath.startsWith('/')) return null
  const path = decode(rawPath)
  const segments = rawPath.split('/').slice(1).map(decode)
  const query =
    rawQuery === ''
      ? []
      : rawQuery
          .split('&')
          .filter((pair) => pair !== '')
          .map(parameterOf)
  if (path === null || segments.includes(null) || query.includes(null)) return null
  return {
    rawPath,
    rawQuery,
    path,
    segments: segments as string[],
    query: query as Parameter[],
    parameter: (name) => (query as Parameter[]).find((one) => one.name === name)?.value ?? null,
  }
}

/** In queries a `+` is a space, as in forms. */
function parameterOf(pair: string): Parameter | null {
  const equals = pair.indexOf('=')
  const rawName = equals === -1 ? pair : pair.slice(0, equals)
  const rawValue = equals === -1 ? null : pair.slice(equals + 1)
  const name = decode(rawName.replaceAll('+', ' '))
  const value = decode((rawValue ?? '').replaceAll('+', ' '))
  return name === null || value === null ? null : { name, value, rawName, rawValue }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Percent-encoded UTF-8, strictly: `null` where an escape is cut or the bytes are no text. */
export function decode(raw: string): string | null {
  if (/%(?![0-9a-f]{2})/i.test(raw)) return null
  const bytes = raw.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  try {
    // One character a byte by now, also of what was sent bare.
    return strict.decode(Buffer.from(bytes, 'latin1'))
  } catch {
    return null
  }
}
