import { beforeEach, describe, expect, it } from 'vitest'
import { probeVersion } from '#shared/conformance/probe.ts'
import { Proof } from '#shared/conformance/proof.ts'
import { proven } from '#shared/conformance/proven.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { traced } from '#shared/layers/traced.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import * as profiles from '#shared/memory/profiles.ts'
import { memoryStore } from '#shared/memory/store.ts'
import { User } from '#shared/memory/user.ts'
import type { ObjectStore, Write } from '#shared/ports/object-store.ts'
import { never } from '#test/contract/subject.ts'
import { TestClock } from '#test/layers/test-clock.ts'

const hashing = await loadHashing()
const site = siteId('here')
const key = parseKey('a-users')
const noteKey = parseKey('.isobar/proofs/here/bucket')
const day = 86_400_000
const write: Write = {
  body: { size: 0, async *open() {} },
  digests: {},
  headers: {},
  metadata: {},
  tags: {},
  storageClass: null,
}

let clock: TestClock
let own: MemoryBucket
let aside: MemoryBucket
/** `put a-users`, or `put .isobar` for all that is Isobar's own, and at the control bucket `control put`. */
let asked: string[]

beforeEach(() => {
  clock = new TestClock()
  own = bucketOf(profiles.s3)
  aside = bucketOf(profiles.withoutHistory(profiles.s3))
  asked = []
})

function bucketOf(profile: profiles.Profile): MemoryBucket {
  return new MemoryBucket({ site, profile, hashing, now: () => clock.tick() })
}

function watched(bucket: MemoryBucket, prefix: string): ObjectStore {
  return traced(memoryStore({ bucket, clock }), clock, ({ what, call }) => {
    if (what === 'request') asked.push(`${prefix}${call.verb} ${call.key === key ? key : '.isobar'}`)
  })
}

interface Changed {
  readonly about?: string
  readonly store?: Partial<ObjectStore>
  readonly control?: Partial<ObjectStore>
}

/** What a process has of the site; each has its own, and the buckets are the same. */
function aProcess({ about = 'a bucket', store, control }: Changed = {}): ObjectStore {
  const tools = { hashing, clock, random: { next: () => Math.random() } }
  const [bare, beside] = [
    { ...watched(own, ''), ...store },
    { ...watched(aside, 'control '), ...control },
  ]
  const first = new Proof({ store: beside, about: 'control', notes: { store: beside, name: 'control' }, tools })
  const proof = new Proof({ store: bare, about, notes: { store: beside, name: 'bucket' }, first, tools })
  return proven(bare, proof)
}

async function put(store: ObjectStore, signal = never): Promise<unknown> {
  const there = own.read(key)
  return store.put(
    key,
    write,
    there === null ? { if: 'absent' } : { if: 'unchanged', since: there.meta.version },
    signal,
  )
}

const refused = (kind: Failure['kind']) => async () => {
  throw new Failure(kind, `${kind} for a test`, { site })
}

describe('a store is written to only after it has proved itself', () => {
  it('and a process asks it once, whoever writes first', async () => {
    const store = aProcess()
    await put(store)
    const first = asked.splice(0)
    expect(first.indexOf('put a-users')).toBe(first.length - 1)
    expect(first.filter((one) => one === 'put .isobar').length).toBeGreaterThan(2)
    await put(store)
    expect(asked).toEqual(['put a-users'])
  })

  it('and several writes at once share one proof', async () => {
    const store = aProcess()
    const others = ['b', 'c', 'd'].map((name) => store.put(parseKey(name), write, { if: 'absent' }, never))
    await Promise.all([put(store), ...others])
    const alone = asked.length
    own = bucketOf(profiles.s3)
    aside = bucketOf(profiles.withoutHistory(profiles.s3))
    asked = []
    await put(aProcess())
    expect(alone).toBe(asked.length + 3)
  })

  it('and reads wait for none', async () => {
    const store = aProcess()
    await store.head(key, never)
    await store.versions(key, null, never)
    expect(asked).toEqual(['head a-users', 'versions a-users'])
  })

  it('and every kind of write waits for it', async () => {
    const version = new User(own).put(key, new Uint8Array()).version
    const transfer = 'transfer'
    const acts: Readonly<Record<string, (store: ObjectStore) => Promise<unknown>>> = {
      put,
      remove: (store) => store.remove(key, version, never),
      putPart: (store) => store.putPart(key, transfer, 1, write.body, {}, never),
      commit: (store) => store.commit(key, transfer, [], write, { if: 'absent' }, never),
      discard: (store) => store.discard(key, transfer, never),
    }
    for (const [verb, act] of Object.entries(acts)) {
      asked = []
      await act(aProcess({ about: verb })).catch(() => undefined)
      expect(asked.at(-1), verb).toBe(`${verb} a-users`)
      expect(asked.slice(0, -1), verb).toContain('put .isobar')
    }
  })
})

describe('a cold start', () => {
  it('costs one request where another process has proved the store within a week', async () => {
    await put(aProcess())
    await clock.pass(7 * day - 60_000)
    asked = []
    await put(aProcess())
    expect(asked).toEqual(['control get .isobar', 'put a-users'])
  })

  it.each<[string, (text: string) => string]>([
    ['is a week old', (text) => text.replace(/"at":\d+/, (at) => `"at":${Number(at.slice(5)) - 7 * day}`)],
    ['is of an older probe', (text) => text.replace(`"probe":${probeVersion}`, `"probe":${probeVersion - 1}`)],
    ['is about another bucket', (text) => text.replace('"a bucket"', '"another bucket"')],
    ['cannot be read', (text) => text.slice(1)],
    ['says nothing', () => 'null'],
    ['is longer than anything we write', (text) => text + ' '.repeat(5_000)],
  ])('asks the store again where the note %s, and writes the note anew', async (_, spoil) => {
    await put(aProcess())
    const user = new User(aside)
    user.put(noteKey, new TextEncoder().encode(spoil(noteText())))
    asked = []
    await put(aProcess())
    expect(asked).toContain('put .isobar')
    asked = []
    await put(aProcess())
    expect(asked).toEqual(['control get .isobar', 'put a-users'])
  })

  it('of several processes at once disturbs none of them', async () => {
    const keys = ['a', 'b', 'c', 'd', 'e'].map((name) => parseKey(name))
    await Promise.all(keys.map((key) => aProcess().put(key, write, { if: 'absent' }, never)))
    expect(keys.map((key) => own.read(key) === null)).toEqual(keys.map(() => false))
    expect(JSON.parse(noteText())).toMatchObject({ probe: probeVersion, about: 'a bucket' })
  })

  it('goes on without a note where none can be kept: the next one asks again', async () => {
    const control = { get: refused('unreachable'), put: refused('denied') }
    await put(aProcess({ control }))
    expect(own.read(key)).not.toBeNull()
    expect(aside.read(noteKey)).toBeNull()
  })

  it('keeps no note in a control bucket that has not proved itself', async () => {
    const bare = memoryStore({ bucket: aside, clock })
    const remove: ObjectStore['remove'] = async (key, _, signal) => {
      const there = await bare.head(key, signal)
      if (there !== null) await bare.remove(key, there.version, signal)
    }
    await put(aProcess({ control: { remove } }))
    expect(own.read(key)).not.toBeNull()
    expect(aside.read(noteKey)).toBeNull()
  })
})

describe('a store that breaks a promise', () => {
  const blind = (): Partial<ObjectStore> => {
    const bare = memoryStore({ bucket: own, clock })
    return {
      put: async (key, write, _, signal) => {
        const there = await bare.head(key, signal)
        return bare.put(
          key,
          write,
          there === null ? { if: 'absent' } : { if: 'unchanged', since: there.version },
          signal,
        )
      },
    }
  }

  it('is not written to, as one that refuses us: what is meant for it waits behind its breaker', async () => {
    await expect(put(aProcess({ store: blind() }))).rejects.toMatchObject({
      kind: 'denied',
      scope: 'site',
      patience: 'later',
      site,
      message: expect.stringMatching(
        /^here: this store does not keep its promises, .*create-only: .* \(it was done\);/,
      ),
    })
    expect(own.read(key)).toBeNull()
    expect(aside.read(noteKey)).toBeNull()
  })

  it('is not asked again for ten minutes, and then it is, for it may have been mended', async () => {
    const broken = { ...blind() }
    const store = aProcess({ store: broken })
    await expect(put(store)).rejects.toThrow('does not keep its promises')
    asked = []
    await clock.pass(599_000)
    await expect(put(store)).rejects.toThrow('does not keep its promises')
    expect(asked).toEqual([])
    await clock.pass(2_000)
    await expect(put(store)).rejects.toThrow('does not keep its promises')
    expect(asked).not.toEqual([])
  })

  it('and says that it keeps versions is told what to change', async () => {
    own = bucketOf(profiles.withoutHistory(profiles.s3))
    const bragging = { traits: profiles.s3.traits }
    await expect(put(aProcess({ store: bragging }))).rejects.toThrow(
      /versions: what is overwritten is kept .*Turn on versioning; or, where no group names the site, say "versioned": false$/,
    )
  })
})

describe('an outage while the store proves itself', () => {
  it.each(['unreachable', 'throttled', 'unknown'] as const)(
    'is no broken promise (%s): the next write asks again',
    async (kind) => {
      let puts = 0
      const bare = memoryStore({ bucket: own, clock })
      const failing: ObjectStore['put'] = (...call) => (++puts === 2 ? refused(kind)() : bare.put(...call))
      const store = aProcess({ store: { put: failing } })
      if (kind === 'throttled') {
        await put(store) // It was asked again, as one is told to.
      } else {
        await expect(put(store)).rejects.toMatchObject({ kind: 'unreachable', scope: 'site', patience: 'later' })
        await put(store)
      }
      expect(own.read(key)).not.toBeNull()
    },
  )

  it('never leaves the user’s write in doubt, nor in conflict: it was not sent', async () => {
    for (const kind of ['unknown', 'conflict', 'corrupt', 'invalid'] as const) {
      const store = aProcess({ store: { put: refused(kind) } })
      await expect(put(store), kind).rejects.toMatchObject({ kind: 'unreachable', scope: 'site' })
    }
  })

  it('that has no end costs whoever gives up nothing: it was not sent', async () => {
    clock.stop()
    const store = aProcess({ store: { put: () => Promise.withResolvers<never>().promise } })
    const leaving = new AbortController()
    const end = put(store, leaving.signal)
    leaving.abort()
    await expect(end).rejects.toMatchObject({ kind: 'unreachable', scope: 'key' })
  })
})

function noteText(): string {
  return new TextDecoder().decode(aside.read(noteKey)?.bytes)
}
