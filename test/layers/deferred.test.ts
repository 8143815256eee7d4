import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { version } from '#shared/kernel/version.ts'
import { deferred } from '#shared/layers/deferred.ts'
import { s3 } from '#shared/memory/profiles.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'

const site = siteId('here')
const { signal } = new AbortController()
const key = parseKey('k')
const heard = { dateMs: 1, atMonotonicMs: 2, atWallMs: 3 }

/** Every verb answers with its own name and what it was given. */
const echoing = new Proxy({} as ObjectStore, {
  get: (_, name) =>
    name === 'heard' ? () => heard : name === 'then' ? undefined : async (...call: unknown[]) => [name, ...call],
})

describe('a store that is made at its first request', () => {
  it('is known by what it is like before, and has heard nothing', () => {
    const store = deferred(site, s3.traits, () => Promise.reject(new Error('made too soon')))
    expect([store.site, store.traits, store.heard()]).toEqual([site, s3.traits, null])
  })

  it('is made once, however many ask at once, and hands every verb on as it was asked', async () => {
    let made = 0
    const store = deferred(site, s3.traits, async () => {
      made++
      return echoing
    })
    const calls = {
      head: [key, signal],
      get: [key, signal, { version: version('v') }],
      tags: [key, version('v'), signal],
      put: [key, 'write', { if: 'absent' }, signal],
      remove: [key, version('v'), signal],
      versions: [key, null, signal],
      list: ['query', signal],
      listVersions: ['query', signal],
      parts: [key, 'transfer', signal],
      putPart: [key, 'transfer', 1, 'body', {}, signal],
      commit: [key, 'transfer', [], 'write', { if: 'absent' }, signal],
      discard: [key, 'transfer', signal],
    }
    const verbs = store as unknown as Readonly<Record<string, (...call: readonly unknown[]) => Promise<unknown>>>
    const answers = await Promise.all(Object.entries(calls).map(([verb, call]) => verbs[verb]!(...call)))
    expect(answers).toEqual(Object.entries(calls).map(([verb, call]) => [verb, ...call]))
    expect(made).toBe(1)
    expect(store.heard()).toBe(heard)
  })

  it('is made anew where it could not be: what kept it may have passed', async () => {
    let made = 0
    const store = deferred(site, s3.traits, async () => {
      if (++made === 1) throw new Failure('denied', 'no identity yet')
      return echoing
    })
    await expect(store.head(key, signal)).rejects.toThrow('no identity yet')
    await expect(store.head(key, signal)).resolves.toEqual(['head', key, signal])
  })
})
