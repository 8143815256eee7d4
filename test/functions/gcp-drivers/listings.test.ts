import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseKey } from '#shared/kernel/key.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, never } from '#test/contract/subject.ts'
import { embedded, type Embedded } from './embedded.ts'
import { write } from './scripted.ts'

let server: Embedded
let store: ObjectStore
beforeAll(async () => {
  server = await embedded()
  store = server.store()
})
afterAll(() => server.close())

const listed = async (query: { prefix?: string; after?: string }) => {
  const { objects } = await store.list({ prefix: '', after: '', cursor: null, max: 10, ...query }, never)
  return objects.map(({ key }) => key)
}

it('go on after a key that could not be stored here: another member’s may not stop them', async () => {
  const breaks = '\n'.repeat(300)
  const longest = `m${'\n'.repeat(150)}`
  for (const name of ['a', 'm', longest, `m${'x'.repeat(1023)}`, 'z'])
    await store.put(parseKey(name), write('x'), absent, never)
  expect(await listed({ after: `b${breaks}` })).toEqual(['m', longest, `m${'x'.repeat(1023)}`, 'z'])
  expect(await listed({ after: `m${breaks}` })).toEqual([`m${'x'.repeat(1023)}`, 'z'])
  expect(await listed({ after: `m${'x'.repeat(1023)}` })).toEqual(['z'])
  expect(await listed({ after: `m${'x'.repeat(1022)}` })).toEqual([`m${'x'.repeat(1023)}`, 'z'])
  expect(await listed({ after: `z${breaks}` })).toEqual([])
})

it('find nothing below what no name can begin with, and ask nobody', async () => {
  server.proxy.asked.length = 0
  expect(await listed({ prefix: '\n'.repeat(300) })).toEqual([])
  expect(server.proxy.asked).toEqual([])
})

it('show no key whose name alone begins like the prefix', async () => {
  for (const name of ['t/\t', 't/\ta', 't/\n']) await store.put(parseKey(name), write('x'), absent, never)
  expect(await listed({ prefix: 't/\t' })).toEqual(['t/\t', 't/\ta'])
  expect(await listed({ prefix: 't/\n' })).toEqual(['t/\n'])
})
