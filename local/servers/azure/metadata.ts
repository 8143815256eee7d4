import { Refusal } from './errors.ts'

export type Metadata = Readonly<Record<string, string>>

const prefix = 'x-ms-meta-'
const bytesMax = 8 * 1024

/** Reads the headers as they came: names keep their case, and no two may differ in case alone. */
export function metadataOf(rawHeaders: readonly string[]): Metadata {
  const pairs: (readonly [string, string])[] = []
  const seen = new Set<string>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const header = rawHeaders[i]!
    if (!header.toLowerCase().startsWith(prefix)) continue
    const [name, value] = [header.slice(prefix.length), rawHeaders[i + 1]!.trim()]
    if (name === '') throw new Refusal('EmptyMetadataKey')
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || !/^[\x20-\x7E\t]*$/.test(value)) throw new Refusal('InvalidMetadata')
    if (seen.has(name.toLowerCase())) throw new Refusal('InvalidMetadata')
    seen.add(name.toLowerCase())
    pairs.push([name, value])
  }
  const bytes = pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (bytes > bytesMax) throw new Refusal('MetadataTooLarge')
  return Object.fromEntries(pairs)
}

export function metadataHeaders(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`${prefix}${name}`, value]))
}
