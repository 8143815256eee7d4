import { decode, type Target, target } from '#local/servers/http/target.ts'
import { Refusal } from './errors.ts'

/** What a request line names, decoded once and never normalised: dots and slashes in a key are the key's own. */
export interface Address {
  /** `''` where the request is about all buckets. */
  readonly bucket: string
  /** `''` where the request is about the bucket. */
  readonly key: string
  readonly query: Pick<Target, 'query' | 'parameter'>
  /** As a signature covers it. */
  readonly path: string
}

/** Buckets are the first segment of the path or, as virtual hosts, what stands before `.localhost`. */
export function addressOf(raw: string, host: string): Address {
  const parsed = target(raw)
  if (parsed === null) throw unparsable(raw)
  const path = plain(parsed.rawPath)
  const virtual = /^([^/:]+)\.localhost(?::\d+)?$/i.exec(host)?.[1]
  if (virtual !== undefined) return { bucket: virtual, key: path.slice(1), query: parsed, path }
  const slash = path.indexOf('/', 1)
  if (slash < 0) return { bucket: path.slice(1), key: '', query: parsed, path }
  return { bucket: path.slice(1, slash), key: path.slice(slash + 1), query: parsed, path }
}

/** Percent-decodes and takes `+` for a space, which S3 does in paths too. */
export function plain(text: string): string {
  const decoded = decode(text.replaceAll('+', ' '))
  if (decoded === null) throw unparsable(text)
  return decoded
}

/** As signatures and listings encode: all but letters, digits and `-._~`, and slashes where they stay. */
export function encoded(text: string, slashes: 'kept' | 'encoded' = 'encoded'): string {
  const all = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return slashes === 'kept' ? all.replaceAll('%2F', '/') : all
}

function unparsable(text: string): Refusal {
  return new Refusal('InvalidURI', `Could not parse ${JSON.stringify(text)}: expected a path in percent-encoded UTF-8.`)
}
