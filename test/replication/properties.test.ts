import { expect, it } from 'vitest'
import { digestText } from '#shared/kernel/digest.ts'
import { groupEntry, routeEntry } from '#shared/kernel/mark.ts'
import type { Properties } from '#shared/ports/object-store.ts'
import { digestProperties, withoutMarks } from '#shared/replication/properties.ts'
import { cheapHashing } from '#test/simulation/cheap-hashing.ts'

const said: Properties = {
  headers: { contentType: 'text/plain', cacheControl: 'no-store', contentLanguage: 'de' },
  metadata: { b: '2', a: '1', c: '3' },
}

function digest(properties: Properties): string {
  return digestProperties(cheapHashing, properties)
}

it('whatever order a store tells headers and metadata in, their digest is one', () => {
  const told: Properties = {
    headers: { contentLanguage: 'de', cacheControl: 'no-store', contentType: 'text/plain' },
    metadata: { c: '3', a: '1', b: '2' },
  }
  expect(digest(told)).toBe(digest(said))
})

it('the digest is that of one text, its names ascending, so that marks written long ago stay true', () => {
  const text =
    '[[["cacheControl","no-store"],["contentLanguage","de"],["contentType","text/plain"]],[["a","1"],["b","2"],["c","3"]]]'
  expect(digest(said)).toBe(digestText(cheapHashing, text))
})

it.each<[string, Properties]>([
  ['a header’s value', { ...said, headers: { ...said.headers, contentType: 'text/html' } }],
  ['one header more', { ...said, headers: { ...said.headers, contentEncoding: 'gzip' } }],
  ['one header less', { ...said, headers: { contentType: 'text/plain', cacheControl: 'no-store' } }],
  ['an entry’s value', { ...said, metadata: { ...said.metadata, a: '9' } }],
  ['an entry’s name', { ...said, metadata: { b: '2', A: '1', c: '3' } }],
  ['an empty entry', { ...said, metadata: { ...said.metadata, d: '' } }],
  ['an entry that was a header', { headers: {}, metadata: { ...said.headers, ...said.metadata } }],
])('another digest tells %s', (_, other) => {
  expect(digest(other)).not.toBe(digest(said))
})

it('no mark counts: neither ours of a group nor ours of a route', () => {
  const marked = { ...said, metadata: { ...said.metadata, [groupEntry]: 'g', [routeEntry]: 'r' } }
  expect(digest(marked)).toBe(digest(said))
})

it('a header that is not there does not count', () => {
  const undefinedThere = { ...said.headers, expires: undefined }
  expect(digest({ ...said, headers: undefinedThere as unknown as Properties['headers'] })).toBe(digest(said))
})

it('marks alone are left out, headers and everything else stay as they are', () => {
  const metadata = { ...said.metadata, [groupEntry]: 'g', [routeEntry]: 'r', isobaric: 'a user’s' }
  expect(withoutMarks({ ...said, metadata })).toEqual({
    headers: said.headers,
    metadata: { ...said.metadata, isobaric: 'a user’s' },
  })
})
