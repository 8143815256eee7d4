import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { type SiteId, siteId } from '#shared/kernel/ids.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import { decide, type Verdict } from '#shared/replication/decide.ts'
import type { Buried, Sight } from '#shared/replication/model.ts'
import { buried, native, nothing, replica, stampOf } from './sights.ts'

const sites = ['aws', 'azure', 'gcp', 'vault'].map(siteId)
const nobody: ReadonlySet<SiteId> = new Set()

/** Few dates and origins, so that most worlds hold a tie, a deletion and an agreement. One id per date and origin unless ties are asked for. */
function worlds(ids: readonly string[]): fc.Arbitrary<readonly Sight[]> {
  const stamp = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...sites), fc.constantFrom(...ids))
    .map(([timeMs, origin, id]) => stampOf(timeMs, origin, id))
  const below = fc
    .tuple(fc.array(stamp, { maxLength: 1 }), fc.array(stamp, { maxLength: 1 }))
    .map(([greatest, unseen]) => buried(greatest, { unseen }))
  const sight = (site: SiteId): fc.Arbitrary<Sight> =>
    fc.oneof(
      below.map((history) => nothing(site, history)),
      fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom(...ids)).map(([at, id]) => native(site, at, { id })),
      stamp.map((of) => replica(site, of, 'over')),
      fc.tuple(stamp, below).map(([of, history]) => replica(site, of, 'absent', history)),
    )
  return fc
    .subarray([...sites], { minLength: 1 })
    .chain((members) => fc.tuple(...members.map(sight)))
    .map((tuple) => [...tuple])
}

function decided(sights: readonly Sight[]): Verdict {
  return decide({ sights, deeper: true, silent: nobody, again: new Set(sites) })
}

/** Everything a verdict says, without the order in which its members were seen. */
function sayings(verdict: Verdict): unknown {
  if (verdict.verdict !== 'move') return verdict
  return {
    stamp: verdict.stamp,
    sources: verdict.sources.map(({ site }) => site).toSorted(),
    steps: verdict.steps.map((step) => JSON.stringify(step)).toSorted(),
  }
}

/** What each member shows after the steps, as its store would: what is removed lies in the history. */
function applied(sights: readonly Sight[], verdict: Verdict): readonly Sight[] {
  if (verdict.verdict !== 'move') return sights
  return sights.map((sight) => {
    const step = verdict.steps.find(({ site }) => site === sight.site)
    if (step === undefined) return sight
    const below = sight.shows === 'native' ? null : sight.below
    if (step.act === 'write')
      return sight.shows === 'nothing'
        ? replica(sight.site, verdict.stamp, 'absent', below)
        : replica(sight.site, verdict.stamp, 'over')
    return nothing(sight.site, deeper(below, sight.shows === 'nothing' ? null : sight.stamp))
  })
}

function deeper(below: Buried | null, removed: Stamp | null): Buried {
  const all = [...(below?.greatest ?? []), ...(removed === null ? [] : [removed])].toSorted(naively)
  return buried(all.slice(-1), { unseen: below?.unseen ?? [] })
}

/** The order on stamps, written a second time: epochs are equal here. */
function naively(a: Stamp, b: Stamp): number {
  return a.timeMs - b.timeMs || Number(a.origin > b.origin) - Number(a.origin < b.origin)
}

/** The greatest value that anybody holds, found by looking at all of them at once. */
function oracle(sights: readonly Sight[]): { readonly stamp: Stamp; readonly dead: boolean } {
  const deleted = sights.flatMap((sight) => (sight.shows === 'native' ? [] : (sight.below?.greatest ?? [])))
  const unseen = sights.flatMap((sight) => (sight.shows === 'native' ? [] : (sight.below?.unseen ?? [])))
  const shown = sights.flatMap((sight) => (sight.shows === 'nothing' ? [] : [sight.stamp]))
  const stamp = [...deleted, ...shown].toSorted(naively).at(-1)!
  return { stamp, dead: [...deleted, ...unseen].some((one) => naively(one, stamp) === 0) }
}

const shownAnywhere = (sights: readonly Sight[]) => sights.some(({ shows }) => shows !== 'nothing')

it('every member ends with the greatest value that any of them holds', () => {
  fc.assert(
    fc.property(worlds(['v']).filter(shownAnywhere), (sights) => {
      const { stamp, dead } = oracle(sights)
      const after = applied(sights, decided(sights))
      if (dead) expect(after.map(({ shows }) => shows)).toEqual(after.map(() => 'nothing'))
      else expect(after.map((sight) => sight.shows !== 'nothing' && sight.stamp)).toEqual(after.map(() => stamp))
    }),
    { numRuns: 1000 },
  )
})

it('the winner does not depend on the order of the sights', () => {
  fc.assert(
    fc.property(
      worlds(['v', 'w']).chain((sights) => fc.tuple(fc.constant(sights), fc.shuffledSubarray([...sights]))),
      ([sights, some]) => {
        const others = sights.filter((sight) => !some.includes(sight))
        expect(sayings(decided([...some, ...others]))).toEqual(sayings(decided(sights)))
      },
    ),
    { numRuns: 1000 },
  )
})

it('after its steps everyone agrees', () => {
  fc.assert(
    fc.property(worlds(['v', 'w']), (sights) => {
      expect(decided(applied(sights, decided(sights)))).toEqual({ verdict: 'agreed' })
    }),
    { numRuns: 1000 },
  )
})

it('no step replaces a greater value, and none replaces an equal one but a deletion', () => {
  fc.assert(
    fc.property(worlds(['v']), (sights) => {
      const verdict = decided(sights)
      if (verdict.verdict !== 'move') return
      for (const { act, site } of verdict.steps) {
        const sight = sights.find((one) => one.site === site)!
        if (sight.shows !== 'nothing')
          expect(naively(sight.stamp, verdict.stamp)).toBeLessThanOrEqual(act === 'remove' ? 0 : -1)
      }
    }),
    { numRuns: 1000 },
  )
})

it('each step names as its condition exactly what its member was seen to show', () => {
  fc.assert(
    fc.property(worlds(['v', 'w']), (sights) => {
      const verdict = decided(sights)
      if (verdict.verdict !== 'move') return
      const acting = verdict.steps.map(({ site }) => site)
      expect(new Set(acting).size).toBe(acting.length)
      for (const { site, over } of verdict.steps) {
        const sight = sights.find((one) => one.site === site)!
        expect(over).toBe(sight.shows === 'nothing' ? null : sight.meta)
      }
    }),
    { numRuns: 1000 },
  )
})
