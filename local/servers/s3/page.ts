import { encoded } from './address.ts'
import { type Call, parameter } from './call.ts'
import { argumentRefused } from './errors.ts'
import { element, type Markup, node } from './xml.ts'

/** What every listing of a bucket takes. */
export interface PageQuery {
  readonly prefix: string
  /** `null`: nothing is rolled up. */
  readonly delimiter: string | null
  /** How names are written: percent-encoded where the client asked for it, since XML cannot hold every name. */
  readonly name: (text: string) => string
  readonly encoding: Markup[]
}

export const pageMax = 1000

export function pageQueryIn(call: Call): PageQuery {
  const encoding = parameter(call, 'encoding-type')
  if (encoding !== null && encoding !== 'url') throw argumentRefused('encoding-type', encoding, 'url')
  return {
    prefix: parameter(call, 'prefix') ?? '',
    delimiter: parameter(call, 'delimiter') || null,
    name: encoding === null ? (text) => text : formEncoded,
    encoding: encoding === null ? [] : [element('EncodingType', 'url')],
  }
}

/** As forms are encoded, which is not how paths are: S3 writes a space as `+` and leaves `*` as it is. */
function formEncoded(text: string): string {
  return encoded(text, 'kept').replaceAll('%20', '+').replaceAll('%2A', '*')
}

/** A delimiter is shown only where one was given. */
export function delimiterElement({ delimiter, name }: PageQuery): Markup[] {
  return delimiter === null ? [] : [element('Delimiter', name(delimiter))]
}

export function prefixElements(prefixes: readonly string[], { name }: PageQuery): Markup[] {
  return prefixes.map((prefix) => node('CommonPrefixes', element('Prefix', name(prefix))))
}

/** Where a listing begins that goes on behind a name: one that is a common prefix stands for all that is rolled up into it. */
export function placeAfter(
  text: string,
  { prefix, delimiter }: PageQuery,
): { readonly key: string } | { readonly commonPrefix: string } | null {
  if (text === '') return null
  if (delimiter === null || !text.startsWith(prefix)) return { key: text }
  const at = text.indexOf(delimiter, prefix.length)
  return at >= 0 && at + delimiter.length === text.length ? { commonPrefix: text } : { key: text }
}

/** Everything here belongs to one account. */
export const ownerId = '6f7c9e0a1b2d3f4c5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b'

export function owner(): Markup {
  return node('Owner', element('ID', ownerId))
}
