import type { Digests } from '#shared/kernel/digest.ts'
import type { Key } from '#shared/kernel/key.ts'
import { stampId, type Version, version } from '#shared/kernel/version.ts'
import type { Headers, KeptVersion, ObjectMeta, Write } from '#shared/ports/object-store.ts'
import { besideOf, withBeside, withoutBeside } from './beside.ts'
import { type About, failure, garbled, shown } from './failure.ts'
import { keyOf } from './names.ts'
import { metadataBytesMax } from './traits.ts'

/** An object resource of the JSON API, as far as it is used. */
export interface Resource {
  readonly meta: ObjectMeta
  readonly tags: Readonly<Record<string, string>>
  /** When it left the view; `null` while it is live. */
  readonly leftMs: number | null
}

/** What is asked for of each object. */
export const resourceFields: string =
  'name,generation,metageneration,timeCreated,timeDeleted,size,crc32c,md5Hash,componentCount,' +
  'contentType,contentEncoding,contentLanguage,contentDisposition,cacheControl,metadata'

/** `expires` has no field: it lies beside. */
const headerFields = [
  'contentType',
  'contentEncoding',
  'contentLanguage',
  'contentDisposition',
  'cacheControl',
] as const

export function resourceOf(about: About, answer: unknown, key: Key | null = about.key): Resource {
  const fields = new Fields(about, answer)
  const found = fields.key('name')
  if (key !== null && found !== key) throw garbled(about, `an answer about another object, ${shown(found)}`)
  const generation = fields.digits('generation')
  const { metadata, beside } = withoutBeside(fields.texts('metadata'))
  const meta: ObjectMeta = {
    key: found,
    version: version(`${generation}|${fields.digits('metageneration')}`),
    id: stampId(generation),
    // Never `updated`, which lifecycle moves.
    dateMs: fields.dateMs('timeCreated'),
    size: Number(fields.digits('size')),
    digests: digestsOf(fields),
    inParts: fields.has('componentCount'),
    tagCount: Object.keys(beside.tags).length,
    headers: { ...headersOf(fields), ...(beside.expires === undefined ? {} : { expires: beside.expires }) },
    metadata,
  }
  return { meta, tags: beside.tags, leftMs: fields.has('timeDeleted') ? fields.dateMs('timeDeleted') : null }
}

export function keptOf({ meta, leftMs }: Resource): KeptVersion {
  const { key, version, id, dateMs, inParts } = meta
  return { key, current: leftMs === null, deleteMarker: false, version, id, dateMs, leftMs, inParts, meta }
}

/** What a write says of an object beside its bytes and name. Refused aloud where it is too much, never cut. */
export function saidOf(about: About, write: Omit<Write, 'body'>): Readonly<Record<string, unknown>> {
  const { headers, tags, storageClass } = write
  refuseHalves(about, write)
  const metadata = withBeside(write.metadata, besideOf(headers, tags))
  const bytes = Object.entries(metadata).reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0)
  if (bytes > metadataBytesMax) {
    const what = `its metadata has ${bytes} bytes, names, tags and mark included; expected at most ${metadataBytesMax}: shorten it by ${bytes - metadataBytesMax}`
    throw failure(about, 'invalid', 'key', what)
  }
  const fields = headerFields.filter((field) => headers[field] !== undefined)
  return {
    // An upload that says nothing of a type is given one; what has none says so.
    contentType: '',
    ...Object.fromEntries(fields.map((field) => [field, headers[field] ?? ''] as const)),
    metadata,
    ...(storageClass === null ? {} : { storageClass }),
  }
}

/** JSON spells half a character, and no store holds one. */
function refuseHalves(about: About, { headers, metadata, tags }: Omit<Write, 'body'>): void {
  const all: Readonly<Record<string, Readonly<Record<string, string>>>> = { headers: { ...headers }, metadata, tags }
  for (const [what, said] of Object.entries(all)) {
    const half = Object.entries(said).find(([name, value]) => !name.isWellFormed() || !value.isWellFormed())
    if (half === undefined) continue
    const found = `found half a character in ${what}, at ${shown(half[0])}, expected well-formed Unicode`
    throw failure(about, 'invalid', 'key', found)
  }
}

/** Both numbers of a version: a change in place makes no new generation, and must not be written over unseen. */
export function numbersOf(
  about: About,
  since: Version,
): { readonly generation: string; readonly metageneration: string } {
  const [, generation, metageneration] = /^(\d+)\|(\d+)$/.exec(since) ?? []
  if (generation !== undefined && metageneration !== undefined) return { generation, metageneration }
  throw failure(about, 'invalid', 'key', `found version ${JSON.stringify(since)}, expected one of this site`)
}

/** Of a composed object there is no MD5, and of one with a key of its own nothing without that key. */
function digestsOf(fields: Fields): Digests {
  return {
    ...(fields.has('crc32c') ? { crc32c: fields.text('crc32c') } : {}),
    ...(fields.has('md5Hash') ? { md5: fields.text('md5Hash') } : {}),
  }
}

function headersOf(fields: Fields): Headers {
  return Object.fromEntries(
    headerFields.filter((field) => fields.has(field)).map((field) => [field, fields.text(field)]),
  )
}

/** Reads an answer that is not trusted: what is not as documented is not Cloud Storage's. */
class Fields {
  readonly #about: About
  readonly #fields: Readonly<Record<string, unknown>>

  constructor(about: About, answer: unknown) {
    this.#about = about
    if (typeof answer !== 'object' || answer === null) throw garbled(about, 'an answer that is no object')
    this.#fields = answer as Readonly<Record<string, unknown>>
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined
  }

  text(name: string): string {
    const value = this.#fields[name]
    if (typeof value === 'string') return value
    throw garbled(this.#about, `no text for "${name}" in the answer`)
  }

  key(name: string): Key {
    const text = this.text(name)
    try {
      return keyOf(text)
    } catch (thrown) {
      throw garbled(this.#about, `no object's "${name}" in the answer`, thrown)
    }
  }

  digits(name: string): string {
    const text = this.text(name)
    if (/^\d{1,19}$/.test(text)) return text
    throw garbled(this.#about, `no number for "${name}" in the answer`)
  }

  dateMs(name: string): number {
    const ms = Date.parse(this.text(name))
    if (Number.isNaN(ms)) throw garbled(this.#about, `no date for "${name}" in the answer`)
    return ms
  }

  texts(name: string): Readonly<Record<string, string>> {
    const value = this.#fields[name] ?? {}
    if (typeof value === 'object' && Object.values(value).every((text) => typeof text === 'string'))
      return value as Readonly<Record<string, string>>
    throw garbled(this.#about, `no texts for "${name}" in the answer`)
  }
}
