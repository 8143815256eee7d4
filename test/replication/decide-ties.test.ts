import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { decide, type Verdict } from '#shared/replication/decide.ts'
import type { Sight } from '#shared/replication/model.ts'
import { buried, native, nothing, replica, stampOf } from './sights.ts'

/** Two versions of one origin with one date: S3 counts in seconds. */
const [v, w] = [stampOf(10, 'aws', 'v'), stampOf(10, 'aws', 'w')]

function decided(
  sights: readonly Sight[],
  silent: readonly string[] = [],
  again: readonly string[] = ['aws', 'azure', 'gcp'],
): Verdict {
  return decide({ sights, deeper: true, silent: new Set(silent.map(siteId)), again: new Set(again.map(siteId)) })
}

/** Who does what: all that a tie decides. */
function acts(sights: readonly Sight[], silent: readonly string[] = []): unknown {
  const verdict = decided(sights, silent)
  if (verdict.verdict !== 'move') return verdict
  return [verdict.stamp.id, ...verdict.steps.map(({ act, site }) => `${act} ${site}`)]
}

it.each([
  ['v', 'write gcp'],
  ['w', 'write azure'],
])('of two versions of one date the one that the origin shows wins: %s', (id, step) => {
  const others = [replica('azure', v), replica('gcp', w)]
  expect(acts([native('aws', 10, { id }), ...others])).toEqual([id, step])
  expect(acts([...others, native('aws', 10, { id })])).toEqual([id, step])
})

it('the origin is asked once more, after all others: what they show may have come after its first answer', () => {
  const again = { verdict: 'again', site: 'aws' }
  const [mine, other] = [native('aws', 10, { id: 'v' }), replica('azure', w)]
  expect(decided([mine, other], [], [])).toEqual(again)
  expect(decided([other, mine], [], ['azure'])).toEqual(again)
  expect(decided([nothing('aws', buried([v])), other], [], [])).toEqual(again)
  expect(decided([replica('azure', v), replica('gcp', w)], [], [])).toMatchObject({ verdict: 'move' }) // It is no member any more.
})

it('an origin that did not answer is waited for: nobody else can tell', () => {
  const ask = { verdict: 'ask', origin: 'aws' }
  expect(decided([replica('azure', v), replica('gcp', w)], ['aws'])).toEqual(ask)
  expect(decided([replica('azure', w), replica('gcp', v)], ['aws'])).toEqual(ask)
  expect(decided([replica('azure', v), nothing('gcp', buried([w]))], ['aws'])).toEqual(ask)
})

it('another one’s silence leaves the origin’s word alone', () => {
  expect(acts([native('aws', 10, { id: 'v' }), replica('azure', w)], ['gcp'])).toEqual(['v', 'write azure'])
})

it('where the origin shows neither, the greater id wins', () => {
  const origin = native('aws', 9)
  expect(acts([origin, replica('azure', v), replica('gcp', w)])).toEqual(['w', 'write aws', 'write azure'])
  expect(acts([origin, replica('azure', w), replica('gcp', v)])).toEqual(['w', 'write aws', 'write gcp'])
})

it('where the origin is no member any more, the greater id wins', () => {
  expect(acts([replica('azure', v), replica('gcp', w)])).toEqual(['w', 'write azure'])
})

it('what the origin shows is alive, however dead the other one is', () => {
  const origin = native('aws', 10, { id: 'v' })
  expect(acts([origin, nothing('azure', buried([w]))])).toEqual(['v', 'write azure'])
})

it('the deciding version is dead where anybody deleted it', () => {
  const origin = native('aws', 10, { id: 'v' })
  expect(acts([origin, replica('azure', w), nothing('gcp', buried([v]))])).toEqual(['v', 'remove aws', 'remove azure'])
})

it('the deciding version is dead where it is not the first of the deleted ones of its date', () => {
  const origin = native('aws', 10, { id: 'v' })
  expect(acts([origin, nothing('gcp', buried([w, v]))])).toEqual(['v', 'remove aws'])
  expect(acts([origin, replica('gcp', w, 'absent', buried([w, v]))])).toEqual(['v', 'remove aws', 'remove gcp'])
})

it('the deciding version is dead where nobody shows it any more', () => {
  expect(acts([nothing('aws', buried([w])), replica('azure', v)])).toEqual(['w', 'remove azure'])
})

it('what is tied with something later is not asked about', () => {
  expect(acts([native('vault', 11), replica('azure', v), replica('gcp', w)], ['aws'])).toEqual([
    'v',
    'write azure',
    'write gcp',
  ])
})

it('one version, seen alive and dead, is no tie', () => {
  expect(acts([replica('azure', v), nothing('gcp', buried([v]))], ['aws'])).toEqual(['v', 'remove azure'])
})

it('a version of a user is reported as a loser, though it seems to be the very one that was deleted', () => {
  const [azure, aws] = [native('azure', 10, { id: 'x' }), replica('aws', stampOf(10, 'azure', 'y'))]
  const verdict = decided([azure, aws, nothing('gcp', buried([azure.stamp]))])
  expect(verdict).toMatchObject({
    verdict: 'move',
    steps: [{ act: 'remove', site: 'azure', loser: azure.stamp }, { loser: null }],
  })
})

describe('uploads in parts below a delete marker, which may never have been seen,', () => {
  const unseen = (stamps: readonly (typeof v)[]) => buried([], { unseen: stamps })

  it('kill a winner of exactly their stamp', () => {
    expect(acts([replica('azure', v), nothing('aws', unseen([w, v]))])).toEqual(['v', 'remove azure'])
  })

  it('kill it below a copy, too', () => {
    const sights = [native('azure', 10), replica('gcp', v, 'absent', unseen([stampOf(10, 'azure')]))]
    expect(acts(sights)).toEqual(['v', 'remove azure', 'remove gcp'])
  })

  it.each([
    ['an earlier', stampOf(9)],
    ['a later', stampOf(11)],
    ['another of the same date', w],
  ])('are worth nothing to %s winner', (_, other) => {
    expect(acts([replica('azure', v), nothing('aws', unseen([other]))])).toEqual(['v', 'write aws'])
  })

  it('leave nobody to read the dead winner from', () => {
    const verdict = decided([replica('azure', v), nothing('aws', unseen([v]))])
    expect(verdict).toMatchObject({ verdict: 'move', stamp: v, sources: [] })
  })
})
