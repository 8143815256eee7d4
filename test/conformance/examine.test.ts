import { beforeEach, describe, expect, it } from 'vitest'
import { type Examined, examine, type Patient } from '#shared/conformance/examine.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import * as profiles from '#shared/memory/profiles.ts'
import { memoryStore } from '#shared/memory/store.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { never } from '#test/contract/subject.ts'
import { TestClock } from '#test/layers/test-clock.ts'

const hashing = await loadHashing()
const site = siteId('here')

let clock: TestClock
let aheadMs: number
beforeEach(() => {
  clock = new TestClock()
  aheadMs = 0
})

function storeOf(profile: profiles.Profile): ObjectStore {
  const bucket = new MemoryBucket({ site, profile, hashing, now: () => clock.tick() + aheadMs })
  return memoryStore({ bucket, clock })
}

async function found(changes: Partial<Patient> = {}): Promise<readonly Examined[]> {
  const control = storeOf(profiles.withoutHistory(profiles.s3))
  const patient = { store: storeOf(profiles.s3), control, fit: async () => undefined, ...changes }
  return examine(patient, { hashing, clock, random: { next: () => Math.random() } }, never)
}

function broken(findings: readonly Examined[]): readonly string[] {
  return findings.filter(({ held }) => !held).map(({ promise }) => promise)
}

const refusing = (kind: Failure['kind']): ObjectStore =>
  new Proxy(storeOf(profiles.s3), {
    get: (store, name) =>
      typeof store[name as keyof ObjectStore] === 'function' && name !== 'heard'
        ? async () => {
            throw new Failure(kind, `${kind} for a test`, { site, scope: 'site' })
          }
        : store[name as keyof ObjectStore],
  })

describe('what is examined of a site', () => {
  it('is all found to hold where it does: both buckets, the clock, and every promise of either', async () => {
    const findings = await found()
    expect(broken(findings)).toEqual([])
    expect(findings).toHaveLength(5 + 9 + 7)
  })

  it('is that its control bucket is another than its own, by whatever name it is reached', async () => {
    const store = storeOf(profiles.s3)
    expect(broken(await found({ store, control: store }))).toEqual([
      'the control bucket is another than the site’s own',
    ])
  })

  it.each([
    [11_000, 'it is 11.5 s ahead'],
    [-11_000, 'it is 10.5 s behind'],
  ])('is its clock, which may be ten seconds off and no more (%i ms)', async (ms, said) => {
    aheadMs = ms
    const finding = (await found()).find(({ promise }) => promise.startsWith('its clock'))
    expect(finding).toMatchObject({ held: false, found: said, remedy: expect.stringContaining('Set the clock') })
    aheadMs = ms < 0 ? -10_000 : 9_000
    expect(broken(await found())).toEqual([])
  })

  it('is whether a store of its kind can be a site at all', async () => {
    const fit = async () => {
      throw new Failure('invalid', 'here: the account has folders', { site })
    }
    expect(await found({ fit })).toContainEqual({
      promise: 'a store of its kind can be a site',
      held: false,
      found: 'here: the account has folders',
      remedy: null,
    })
  })

  it.each(['denied', 'absent', 'unreachable'] as const)(
    'ends where the bucket does not answer (%s), and the reason is told once',
    async (kind) => {
      const findings = await found({ store: refusing(kind) })
      expect(broken(findings)).toEqual(['the bucket answers this identity'])
      expect(findings[0]?.found).toBe(`${kind} for a test`)
      expect(findings).toHaveLength(2 + 7)
    },
  )

  it('asks neither bucket to keep a promise where the control bucket does not answer: parts wait there', async () => {
    const findings = await found({ control: refusing('denied') })
    expect(broken(findings)).toEqual(['the control bucket answers this identity'])
    expect(findings).toHaveLength(2 + 2)
  })

  it('leaves nothing in the control bucket that shows, though the bucket falls silent', async () => {
    const control = storeOf(profiles.withoutHistory(profiles.s3))
    const head: ObjectStore['head'] = (...call) => refusing('unreachable').head(...call)
    const store = { ...storeOf(profiles.s3), head }
    await found({ store, control })
    const query = { prefix: '', after: '', cursor: null, max: 10 }
    expect((await control.list(query, never)).objects).toEqual([])
  })

  it('says that what it enforces could not be asked, where it may be read and not written', async () => {
    const store = storeOf(profiles.s3)
    const put: ObjectStore['put'] = async () => {
      throw new Failure('denied', 'no writing here', { site })
    }
    const findings = await found({ store: { ...store, put } })
    expect(findings).toContainEqual({
      promise: 'what it enforces can be asked',
      held: false,
      found: 'no writing here',
      remedy: null,
    })
  })
})
