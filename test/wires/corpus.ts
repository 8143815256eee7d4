import * as fc from 'fast-check'
import type { Write } from '#shared/ports/object-store.ts'

/** One object of the corpus, as a user writes it. */
export interface Specimen {
  readonly key: string
  readonly content: Uint8Array
  readonly headers: Write['headers']
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}

/** Each has been mangled by some client, server or proxy. */
export const segments: readonly string[] = [
  ' ', 'a b', ' a', 'a ', 'a+b', '100%', '%2F', '%41', '..', '.', '', '...', 'é', 'e\u0301', '😀', '\u0001', '\u007F', '\t', '\n',
  '\r\n', 'a\\b', 'a?b', 'a#b', 'a&b=c', '"<>\'', '{}|^`~[]', ';:,@$!*()', 'a.', '\uFFFD', '\uFEFF', 'con', '__proto__', 'null', '*',
  'versions', 'restype=container', '~', '=?utf-8?q?x?=', '漢字', '\u202Egnp', '\u00A0',
] // prettier-ignore

const names = [
  'plain', 'with-hyphen', 'Upper-Case', 'under_score', '1digit', 'unicode-é', '漢字', 'a.b', 'x', '__proto__', 'constructor',
  'content-type', 'class', '=?utf-8?q?x?=', 'isobar2', 'sp ace', 'x_2d_y', '😀', 'mtime', 'a/b', '%41', 'hdi_isfolder',
] // prettier-ignore

const values = [
  '', ' ', 'plain', ' leading', 'trailing ', 'two  spaces', 'é', '漢字', '😀', '=?UTF-8?Q?=C3=A9?=', '%C3%A9', 'a,b;c="d"', '\t', '0', 'null',
  'line\nbreak', '\u0000', '\u007F', 'x'.repeat(200), '\\', '\u00A0', 'e\u0301',
] // prettier-ignore

const tagTexts = ['team', 'Team', 'a b', 'a+b-c=d._:/@', 'é', '漢字', 'cost centre', 'x'.repeat(60)]

const headers = fc.record(
  {
    contentType: fc.constantFrom(
      'text/plain',
      'text/plain; charset=utf-8',
      'application/x-odd+json;a="b c"',
      'image/svg+xml',
    ),
    contentEncoding: fc.constantFrom('gzip', 'br', 'identity'),
    contentLanguage: fc.constantFrom('en', 'de-CH, fr', 'zh-Hant'),
    contentDisposition: fc.constantFrom(
      'inline',
      'attachment; filename="a b.txt"',
      "attachment; filename*=UTF-8''%e2%82%ac.txt",
    ),
    cacheControl: fc.constantFrom('no-cache', 'public, max-age=60', 'no-transform'),
    expires: fc.constantFrom('Wed, 21 Oct 2026 07:28:00 GMT', '0'),
  },
  { requiredKeys: [] },
)

/** By count, so that a generated object fits every cloud beside its mark. */
const metadata = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...values), {
  maxKeys: 4,
  noNullPrototype: true,
})
const tags = fc.dictionary(fc.constantFrom(...tagTexts), fc.constantFrom('', ...tagTexts), {
  maxKeys: 4,
  noNullPrototype: true,
})
const content = fc.oneof(
  { weight: 1, arbitrary: fc.constant(new Uint8Array()) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(1)) },
  { weight: 6, arbitrary: fc.uint8Array({ minLength: 2, maxLength: 2_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 70_000 }).map((size) => new Uint8Array(size).fill(size)) },
)
const key = fc.oneof(
  fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/')),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.integer({ min: 240, max: 300 }).map((count) => Array.from({ length: count }, () => 'x').join('/')),
  // As long as any store takes: 1,024 bytes.
  fc.constantFrom('k', 'é', '😀').map((letter) => letter.repeat(1_024 / Buffer.byteLength(letter))),
)

/** Whoever wants to see a run again gives its seed. */
export function corpus(count: number, seed: number): readonly Specimen[] {
  const specimen = fc.record({ key, content, headers, metadata, tags })
  const drawn = fc.sample(specimen, { numRuns: count * 2, seed })
  const byKey = new Map(drawn.filter(({ key }) => key !== '' && key.isWellFormed()).map((one) => [one.key, one]))
  return [...byKey.values()].slice(0, count)
}

/** Of a file: what no folder can hold is not in it. Most paths in a bucket are plain; every odd letter comes often enough all the same. */
const fileSegment = fc.oneof(
  { weight: 15, arbitrary: fc.stringMatching(/^[a-z][a-z0-9_-]{0,12}(\.[a-z]{2,4})?$/) },
  { weight: 1, arbitrary: fc.constantFrom(...segments.filter((one) => one !== '' && one !== '.' && one !== '..')) },
)
const filePath = fc.array(fileSegment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

/** Files by their paths; none lies below another. */
export function files(count: number, seed: number): ReadonlyMap<string, Uint8Array> {
  const drawn = new Map(fc.sample(fc.tuple(filePath, content), { numRuns: count * 3, seed }))
  const folders = new Set([...drawn.keys()].flatMap((path) => foldersOf(path)))
  return new Map([...drawn].filter(([path]) => !folders.has(path)).slice(0, count))
}

function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'))
}
