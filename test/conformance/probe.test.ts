import { describe, expect, it } from 'vitest'
import { keyOfProbe, probe, refusalFor, type Tools } from '#shared/conformance/probe.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { around } from '#shared/layers/around.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import * as profiles from '#shared/memory/profiles.ts'
import { memoryStore } from '#shared/memory/store.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { never } from '#test/contract/subject.ts'
import { TestClock } from '#test/layers/test-clock.ts'

const hashing = await loadHashing()

function storeOf(profile: profiles.Profile): { store: ObjectStore; tools: Tools } {
  const clock = new TestClock()
  const paced = profile.naming === 'generation'
  const bucket = new MemoryBucket({ site: siteId('here'), profile, hashing, now: () => clock.tick(), paced })
  return {
    store: memoryStore({ bucket, clock, chunkBytes: 3 }),
    tools: { hashing, clock, random: { next: () => 0.5 } },
  }
}

async function brokenPromises(store: ObjectStore, tools: Tools): Promise<readonly string[]> {
  return (await probe(store, tools, never)).filter(({ held }) => !held).map(({ promise }) => promise.split(':')[0]!)
}

describe('a store that keeps its promises is found to keep them', () => {
  for (const [name, profile] of Object.entries({ s3: profiles.s3, azure: profiles.azure, gcs: profiles.gcs })) {
    it(`as ${name}, with one write a second where the cloud has that`, async () => {
      const { store, tools } = storeOf(profile)
      const findings = await probe(store, tools, never)
      expect(findings.filter(({ held }) => !held)).toEqual([])
      expect(findings).toHaveLength(9)
      expect(refusalFor(store, findings)).toBeNull()
    })

    it(`as ${name} without versions, where none is promised`, async () => {
      const { store, tools } = storeOf(profiles.withoutHistory(profile))
      expect(await probe(store, tools, never)).toHaveLength(7)
    })
  }
})

describe('a store that breaks one is found out, whichever it is:', () => {
  const unconditional = (store: ObjectStore): ObjectStore['put'] => {
    return async (key, write, _, signal) => {
      const there = await store.head(key, signal)
      return store.put(
        key,
        write,
        there === null ? { if: 'absent' } : { if: 'unchanged', since: there.version },
        signal,
      )
    }
  }

  it('create-only is not enforced', async () => {
    const { store, tools } = storeOf(profiles.gcs)
    const put: ObjectStore['put'] = (key, write, condition, signal) =>
      condition.if === 'absent'
        ? unconditional(store)(key, write, condition, signal)
        : store.put(key, write, condition, signal)
    expect(await brokenPromises({ ...store, put }, tools)).toContain('create-only')
  })

  it('an ignored condition on a write', async () => {
    const { store, tools } = storeOf(profiles.azure)
    const put: ObjectStore['put'] = (key, write, condition, signal) =>
      condition.if === 'absent'
        ? store.put(key, write, condition, signal)
        : unconditional(store)(key, write, condition, signal)
    expect(await brokenPromises({ ...store, put }, tools)).toEqual([
      'unchanged-since',
      'what was refused changed nothing',
    ])
  })

  it('a deletion is not held to its condition', async () => {
    const { store, tools } = storeOf(profiles.s3)
    const remove: ObjectStore['remove'] = async (key, since, signal) =>
      store.remove(key, (await store.head(key, signal))?.version ?? since, signal)
    expect(await brokenPromises({ ...store, remove }, tools)).toEqual([
      'conditional delete',
      'what was refused changed nothing',
    ])
  })

  it('a commit of parts is not held to its condition', async () => {
    const { store, tools } = storeOf(profiles.s3)
    const commit = (ignored: 'absent' | 'unchanged'): ObjectStore['commit'] => {
      return async (key, transfer, parts, write, condition, signal) => {
        const there = condition.if === ignored ? await store.head(key, signal) : null
        const met = there === null ? condition : ({ if: 'unchanged', since: there.version } as const)
        return store.commit(key, transfer, parts, write, met, signal)
      }
    }
    for (const ignored of ['absent', 'unchanged'] as const) {
      expect(await brokenPromises({ ...store, commit: commit(ignored) }, tools)).toContain('conditional commit')
    }
  })

  it('bytes are stored whatever their checksum says', async () => {
    const { store, tools } = storeOf(profiles.s3)
    const put: ObjectStore['put'] = (key, write, condition, signal) =>
      store.put(key, { ...write, digests: {} }, condition, signal)
    expect(await brokenPromises({ ...store, put }, tools)).toEqual(['checksums', 'what was refused changed nothing'])
  })

  it('a deletion is answered and the object stays', async () => {
    const { store, tools } = storeOf(profiles.gcs)
    let refused = 0
    const remove: ObjectStore['remove'] = async (key, since, signal) =>
      refused++ === 0 ? store.remove(key, since, signal) : undefined
    expect(await brokenPromises({ ...store, remove }, tools)).toEqual(['a deletion takes the object from view'])
  })

  it('versions are promised and not kept', async () => {
    const { store, tools } = storeOf(profiles.withoutHistory(profiles.s3))
    const bragging = { ...store, traits: profiles.s3.traits }
    expect(await brokenPromises(bragging, tools)).toEqual(['versions', 'versions'])
    expect(refusalFor(bragging, await probe(bragging, tools, never))).toMatchObject({
      kind: 'denied',
      scope: 'site',
      patience: 'later',
      site: 'here',
      message: expect.stringMatching(
        /^here: .*versions: what is overwritten is kept \(it is not in the history\); versions:/,
      ),
    })
  })

  it('a write is refused for another reason than its condition', async () => {
    const { store, tools } = storeOf(profiles.azure)
    let puts = 0
    const put: ObjectStore['put'] = (...call) =>
      ++puts === 2 ? Promise.reject(new Failure('denied', 'no')) : store.put(...call)
    const broken = (await probe({ ...store, put }, tools, never)).filter(({ held }) => !held)
    expect(broken.map(({ promise, found }) => [promise.split(':')[0], found])).toEqual([
      ['create-only', 'it failed as denied'],
    ])
  })
})

describe('what the probe leaves behind', () => {
  /** Counts its calls; one of them is not answered. */
  function unreachableAt(store: ObjectStore, place: number): { store: ObjectStore; calls: () => number } {
    let calls = 0
    const failing = around(store, async (call, signal, act) => {
      if (++calls === place) throw new Failure('unreachable', `${call.verb}: call ${place} is not answered`)
      return act(signal)
    })
    return { store: failing, calls: () => calls }
  }

  it.each(Object.entries({ s3: profiles.s3, azure: profiles.azure, gcs: profiles.gcs }))(
    'is one deleted object, whichever call an outage takes: as %s',
    async (_name, profile) => {
      const whole = storeOf(profile)
      const sound = unreachableAt(whole.store, 0)
      await probe(sound.store, whole.tools, never)
      for (let place = 1; place <= sound.calls(); place++) {
        const { store, tools } = storeOf(profile)
        const failing = unreachableAt(store, place)
        await expect(probe(failing.store, tools, never)).rejects.toThrow(`call ${place} is not answered`)
        const query = { prefix: '', after: '', cursor: null, max: 10 }
        expect((await store.list(query, never)).objects, `call ${place}`).toEqual([])
        expect(await store.parts(keyOfProbe(tools.random), 'conformance', never)).toEqual([])
      }
    },
  )
})
