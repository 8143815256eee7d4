import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { azure, gcs, resized, s3, withoutHistory } from '#shared/memory/profiles.ts'
import { type Bench, benches, bytes, key, story, textOf } from './bench.ts'

const clouds = { s3, azure, gcs, 's3 without versions': withoutHistory(s3) }
const names = ['a', 'a/b', 'b', '\u{1F600}', '\uFF5E'].map(parseKey)

interface Act {
  readonly act:
    | 'put'
    | 'delete'
    | 'remove-version'
    | 'restore'
    | 'undelete'
    | 'begin'
    | 'complete'
    | 'patch'
    | 'copy'
    | 'pass'
  readonly key: Key
  readonly pick: number
}

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.record({
    act: fc.constantFrom<Act['act']>(
      'put',
      'put',
      'delete',
      'remove-version',
      'restore',
      'undelete',
      'begin',
      'complete',
      'patch',
      'copy',
      'pass',
    ),
    key: fc.constantFrom(...names),
    pick: fc.nat(20),
  }),
  { maxLength: 40 },
)

async function play({ bucket, user, clock }: Bench, all: readonly Act[]): Promise<void> {
  const uploads: { complete(): unknown }[] = []
  for (const { act, key, pick } of all) {
    const { versions } = bucket.versions(key, null)
    const picked = versions[pick % Math.max(1, versions.length)]
    if (act === 'put') user.put(key, bytes(String(pick % 3)), { metadata: { pick: String(pick) } })
    else if (act === 'delete') user.delete(key)
    else if (act === 'remove-version' && picked !== undefined) user.removeVersion(key, picked.version)
    else if (act === 'restore' && picked !== undefined) user.restore(key, picked.version)
    else if (act === 'undelete') user.undelete(key)
    else if (act === 'begin') uploads.push(user.begin(key))
    else if (act === 'complete') uploads.shift()?.complete()
    else if (act === 'patch') user.patch(key, { metadata: { patched: String(pick) } })
    else if (act === 'copy') user.copy(key, names[pick % names.length]!)
    else if (act === 'pass') await clock.pass(pick * 100)
  }
}

describe.each(Object.entries(clouds))('every bucket, as %s', (_, profile) => {
  const bench = benches(resized(profile, { pageMax: 7 }))

  /** Whatever users did before, this holds. */
  async function always(law: (desk: Bench) => void): Promise<void> {
    await fc.assert(
      fc.asyncProperty(acts, async (all) => {
        const desk = bench()
        await play(desk, all)
        law(desk)
      }),
    )
  }

  it('shows at most one version of a key, and that is what head and the listings show', () =>
    always(({ bucket }) => {
      const listed = bucket.list({ prefix: '', after: '', cursor: null, max: 100 }).objects
      for (const name of names) {
        const current = bucket.dump(name).filter((one) => one.current)
        expect(current.length).toBeLessThanOrEqual(1)
        const shown = current.find(({ deleteMarker }) => !deleteMarker)
        expect(bucket.head(name)?.id ?? null).toBe(shown?.id ?? null)
        expect(listed.find((one) => one.key === name)?.id ?? null).toBe(shown?.id ?? null)
      }
    }))

  it('reads every version that it lists by the name that it lists', () =>
    always(({ bucket }) => {
      for (const name of names) {
        const unreadable = new Set(
          bucket
            .dump(name)
            .filter((one) => one.softDeleted || one.deleteMarker)
            .map((one) => one.id),
        )
        for (const { version, id, dateMs } of bucket.versions(name, null).versions) {
          const meta = bucket.head(name, version)
          if (unreadable.has(id)) expect(meta).toBeNull()
          else expect(meta).toMatchObject({ id, dateMs, version })
        }
      }
    }))

  it('tells a change for every version that came and every one that went', () =>
    always(({ bucket, changes }) => {
      const live = new Set<string>()
      for (const { kind, version, id, key } of changes) {
        // A change in place moves the second half of a generation's version.
        const name = `${key} ${profile.naming === 'generation' ? id : version}`
        const came = kind === 'put' || kind === 'delete-marker' || (kind === 'patched' && profile.patches === 'version')
        if (came) live.add(name)
        if (kind === 'removed-version' && !profile.softDelete) live.delete(name)
      }
      const kept = bucket.dump()
      if (profile.traits.history === 'none') expect(kept.length).toBeLessThanOrEqual(live.size)
      else expect(kept).toHaveLength(live.size)
    }))

  it('cuts histories into pages of any size and loses nothing between them', () =>
    always(({ bucket }) => {
      for (const max of [1, 2, 3, 7]) {
        const seen: string[] = []
        let cursor: string | null = null
        do {
          const page = bucket.listVersions({ prefix: '', after: '', cursor, max })
          seen.push(...page.versions.map(({ key, version }) => `${key} ${version}`))
          cursor = page.next
        } while (cursor !== null && seen.length < 1000)
        expect(new Set(seen).size).toBe(seen.length)
        expect(seen).toHaveLength(bucket.dump().length)
      }
    }))

  it('keeps every version that a user ever wrote, unless it keeps none or one was removed for good', () =>
    always(({ bucket, changes }) => {
      const name = ({ key, id }: { key: string; id: string }) => `${key} ${id}`
      const removed = new Set(changes.filter(({ kind }) => kind === 'removed-version').map(name))
      const due = changes.filter((change) => change.kind === 'put' && !removed.has(name(change)))
      const lost = due.filter(({ key, version }) => bucket.head(key, version) === null)
      expect(profile.traits.history === 'none' ? [] : lost).toEqual([])
    }))

  it('refuses to be written over under a lease or a hold, by anyone, until it ends', () => {
    const desk = bench()
    expect(desk.bucket.refuse(key, 'lease')).toBe(false)
    const meta = desk.user.put(key, bytes('a'))
    const parked = expect.objectContaining({ kind: 'denied', scope: 'key', patience: 'never' })
    for (const refusal of ['lease', 'hold'] as const) {
      expect(desk.bucket.refuse(key, refusal)).toBe(true)
      const since = { if: 'unchanged', since: meta.version } as const
      expect(() => desk.bucket.put(key, desk.draft('b'), since)).toThrow(parked)
      expect(() => desk.bucket.remove(key, meta.version)).toThrow(parked)
      expect(() => desk.user.put(key, bytes('b'))).toThrow(parked)
      expect(textOf(desk)).toBe('a')
    }
    desk.bucket.refuse(key, null)
    desk.user.put(key, bytes('b'))
    expect(textOf(desk)).toBe('b')
  })

  it('lets an archived object be seen and written over, and not be read', () => {
    const desk = bench()
    const meta = desk.user.put(key, bytes('a'))
    desk.bucket.refuse(key, 'archived')
    expect(desk.bucket.head(key)).toEqual(meta)
    expect(() => desk.bucket.read(key)).toThrow(expect.objectContaining({ kind: 'denied', scope: 'key' }))
    desk.user.put(key, bytes('b'))
    expect(textOf(desk)).toBe('b')
  })

  it('tells tags apart from metadata: their change dates and names nothing anew', () => {
    const { bucket, user, changes } = bench()
    expect(user.setTags(key, { a: '1' })).toBe(false)
    const meta = user.put(key, bytes('a'))
    expect(user.setTags(key, { a: '1' })).toBe(true)
    expect(bucket.head(key)).toMatchObject({ id: meta.id, dateMs: meta.dateMs, tagCount: 1 })
    expect(bucket.tags(key, meta.version)).toEqual({ a: '1' })
    expect(changes.at(-1)).toMatchObject({ kind: 'tags', id: meta.id })
    const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, '']))
    expect(user.setTags(key, tags(profile.tagsMax))).toBe(true)
    const many = tags(profile.tagsMax + 1)
    expect(() => user.setTags(key, many)).toThrow(expect.objectContaining({ kind: 'invalid' }))
    expect(() => user.put(key, bytes('b'), { tags: many })).toThrow(expect.objectContaining({ kind: 'invalid' }))
  })

  it('refuses metadata that a change in place would make too wide', () => {
    const { user } = bench()
    user.put(key, bytes('a'))
    const wide = { metadata: { a: 'ü'.repeat(profile.traits.metadataBytesMax / 2) } }
    expect(() => user.patch(key, wide)).toThrow(expect.objectContaining({ kind: 'invalid', scope: 'key' }))
  })

  it('copies metadata, headers and tags along with the bytes', () => {
    const desk = bench()
    const said = { metadata: { m: '1' }, headers: { contentType: 'x/y' }, tags: { t: '1' } }
    const first = desk.user.put(key, bytes('a'), said)
    desk.user.put(key, bytes('b'))
    const restored = desk.user.restore(key, first.version)
    if (profile.traits.history === 'none') {
      expect(restored).toBeNull()
      return
    }
    expect(restored).toMatchObject({ metadata: said.metadata, headers: said.headers, tagCount: 1 })
    expect(story(desk)).toEqual(['a', '(b)', '(a)'])
  })

  it('tells who wrote, and keeps it with the version', () => {
    const { bucket, draft, changes } = bench()
    const meta = bucket.put(key, draft('a', { storageClass: 'COLD' }), { if: 'absent' }, 'isobar/group')
    bucket.remove(key, meta.version, 'isobar/other')
    expect(changes.map(({ by }) => by)).toEqual(['isobar/group', 'isobar/other'])
    if (profile.traits.history !== 'none') {
      expect(bucket.dump(key)[0]).toMatchObject({ by: 'isobar/group', storageClass: 'COLD', digests: meta.digests })
    }
  })
})

describe('a small bucket', () => {
  const bench = benches(resized(s3, { objectBytesMax: 4, partBytesMin: 2, partsMax: 3 }))
  const invalid = expect.objectContaining({ kind: 'invalid', scope: 'key' })

  it('refuses an object that is larger than it holds, in one request or in parts', () => {
    const { bucket, draft } = bench()
    expect(bucket.put(key, draft('1234'), { if: 'absent' })).toMatchObject({ size: 4 })
    const other = parseKey('parts')
    expect(() => bucket.put(other, draft('12345'), { if: 'absent' })).toThrow(invalid)
    const parts = [1, 2, 3].map((number) => bucket.putPart(other, 't', number, bucket.content(bytes('12')), {}))
    expect(() => bucket.commit(other, 't', parts, draft(''), { if: 'absent' })).toThrow(invalid)
  })

  it('refuses parts that are too small, too many, or not in order', () => {
    const { bucket, draft } = bench()
    const part = (number: number, text: string) => bucket.putPart(key, 't', number, bucket.content(bytes(text)), {})
    for (const number of [0, 4, 1.5, -1]) expect(() => part(number, 'x')).toThrow(invalid)
    const [small, last] = [part(1, '1'), part(2, '2')]
    expect(() => bucket.commit(key, 't', [small, last], draft(''), { if: 'absent' })).toThrow(invalid)
    expect(() => bucket.commit(key, 't', [last], draft(''), { if: 'absent' })).toThrow(invalid)
    const whole = part(1, '11')
    expect(bucket.commit(key, 't', [whole, last], draft(''), { if: 'absent' })).toMatchObject({ size: 3 })
  })
})
