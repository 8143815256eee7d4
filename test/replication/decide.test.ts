import { expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { decide, type Verdict } from '#shared/replication/decide.ts'
import type { Buried, Sight, Step } from '#shared/replication/model.ts'
import { buried, native, nothing, replica, stampOf } from './sights.ts'

const agreed: Verdict = { verdict: 'agreed' }

function decided(sights: readonly Sight[], deeper = true): Verdict {
  return decide({ sights, deeper, silent: new Set(), again: new Set() })
}

function moved(sights: readonly Sight[]): Extract<Verdict, { verdict: 'move' }> {
  const verdict = decided(sights)
  if (verdict.verdict !== 'move') throw new Error(`found ${JSON.stringify(verdict)}, expected a move`)
  return verdict
}

function write(sight: Sight, loser: Step['loser'] = null): Step {
  return { act: 'write', site: sight.site, over: sight.shows === 'nothing' ? null : sight.meta, loser }
}

function remove(sight: Sight, loser: Step['loser'] = null): Step {
  if (sight.shows === 'nothing') throw new Error('there is nothing to remove')
  return { act: 'remove', site: sight.site, over: sight.meta, loser }
}

const ten = stampOf(10)

// When nothing is left to do.

it.each([true, false])('where nobody shows anything all agree, however deep one looks (%s)', (deeper) => {
  expect(decided([nothing('aws'), nothing('azure', buried([ten]))], deeper)).toEqual(agreed)
})

it('nobody at all agrees', () => {
  expect(decided([])).toEqual(agreed)
})

it('all who show one stamp agree, copies that nobody looked below included', () => {
  expect(decided([native('aws', 10), replica('azure', ten, 'absent'), replica('gcp', ten)], false)).toEqual(agreed)
})

it.each([true, false])('a member that answers alone with its own version agrees with itself (deeper: %s)', (deeper) => {
  expect(decided([native('aws', 10)], deeper)).toEqual(agreed)
})

it('copies written over something need no look below', () => {
  expect(decided([native('aws', 10), replica('azure', ten)])).toEqual(agreed)
})

it('one that shows nothing is no agreement, though nobody asked to look deeper', () => {
  expect(decided([native('aws', 10), nothing('azure')], false)).toEqual({ verdict: 'look', sites: ['azure'] })
  expect(decided([nothing('azure'), native('gcp', 10)], false)).toEqual({ verdict: 'look', sites: ['azure'] })
})

it('two stamps are no agreement, though nobody asked to look deeper', () => {
  const sights = [native('aws', 10), replica('azure', ten), replica('gcp', stampOf(9))]
  expect(decide({ sights, deeper: false, silent: new Set(), again: new Set() })).toMatchObject({
    verdict: 'move',
    stamp: ten,
  })
})

// Where to look before anything is decided.

it('the histories of all who show nothing are read first, then those below copies written where nothing was', () => {
  const sights = [replica('aws', ten, 'absent'), nothing('azure'), nothing('gcp'), native('vault', 10)]
  expect(decided(sights)).toEqual({ verdict: 'look', sites: ['azure', 'gcp'] })
  const read = [replica('aws', ten, 'absent'), nothing('azure', buried()), nothing('gcp', buried())]
  expect(decided([...read, native('vault', 10)])).toEqual({ verdict: 'look', sites: ['aws'] })
})

it('asked to look deeper, agreement waits for what lies below copies written where nothing was', () => {
  const sights = [native('aws', 10), replica('azure', ten, 'absent'), replica('gcp', ten)]
  expect(decided(sights)).toEqual({ verdict: 'look', sites: ['azure'] })
})

it('what was read is not read again', () => {
  expect(decided([native('aws', 10), replica('azure', ten, 'absent', buried())])).toEqual(agreed)
})

it.each([
  ['greater than everything shown', stampOf(11), 'move'],
  ['equal to the greatest shown', ten, 'move'],
  ['less than the greatest shown', stampOf(9), 'look'],
  ['tied with the greatest shown', stampOf(10, 'aws', 'w'), 'look'],
])('below a copy nobody looks where a known deletion covers all: %s', (_, deletion, verdict) => {
  const sights = [native('aws', 10), replica('azure', ten, 'absent'), nothing('gcp', buried([deletion]))]
  expect(decided(sights).verdict).toBe(verdict)
})

it('a deletion that exceeds one of two things shown spares no look', () => {
  const sights = [
    native('aws', 12),
    replica('azure', stampOf(5), 'absent'),
    nothing('gcp', buried([stampOf(9), stampOf(10)])),
  ]
  expect(decided(sights)).toEqual({ verdict: 'look', sites: ['azure'] })
})

// Which value is the greatest.

it.each([
  ['the later date', native('aws', 10), native('azure', 11), 'azure'],
  ['the later date, whatever the origin', native('zone', 10), native('aws', 11), 'aws'],
  ['of one date the greater origin', native('aws', 10), native('azure', 10), 'azure'],
  ['the stamp of a mark, not the date of the copy', native('gcp', 12), replica('aws', stampOf(13, 'vault')), 'aws'],
])('%s wins', (_, a, b, winner) => {
  const loser = a.site === winner ? b : a
  expect(moved([a, b]).steps).toEqual([write(loser, loser.stamp)])
  expect(moved([b, a]).steps).toEqual([write(loser, loser.stamp)])
})

it('a later epoch wins over any date', () => {
  const epoch = { ...stampOf(1, 'gcp'), epoch: 1 }
  expect(moved([native('aws', 99), replica('azure', epoch)]).stamp).toEqual(epoch)
})

it('of one version dead wins over alive: it goes from everyone, its own site included', () => {
  const [aws, azure] = [native('aws', 10), replica('azure', ten)]
  const { stamp, sources, steps } = moved([aws, azure, nothing('gcp', buried([ten]))])
  expect({ stamp, sources, steps }).toEqual({ stamp: ten, sources: [], steps: [remove(aws, ten), remove(azure)] })
})

it('a deletion takes nothing later with it', () => {
  const absent = nothing('gcp', buried([stampOf(9)]))
  expect(moved([native('aws', 10), absent]).steps).toEqual([write(absent)])
})

it('a later deletion takes what is earlier with it, and reports what a user wrote', () => {
  const [aws, azure] = [native('aws', 10), replica('azure', ten)]
  const { stamp, steps } = moved([aws, azure, nothing('gcp', buried([stampOf(11, 'gcp')]))])
  expect(stamp).toEqual(stampOf(11, 'gcp'))
  expect(steps).toEqual([remove(aws, ten), remove(azure)])
})

it.each<[what: string, below: Buried, state: 'dead' | 'alive']>([
  ['the same version', buried([ten]), 'dead'],
  ['a later version', buried([stampOf(11)]), 'dead'],
  ['an earlier version', buried([stampOf(9)]), 'alive'],
  ['nothing', buried(), 'alive'],
])('a copy that slipped in over %s, below it %o, is %s', (_, below, state) => {
  const [aws, azure] = [native('aws', 10), replica('azure', ten, 'absent', below)]
  if (state === 'alive') expect(decided([aws, azure])).toEqual(agreed)
  else expect(moved([aws, azure]).steps).toEqual([remove(aws, ten), remove(azure)])
})

it('a member that never held the key hides no other one’s deletion', () => {
  const aws = native('aws', 10)
  expect(moved([nothing('azure', buried()), aws, nothing('gcp', buried([ten]))]).steps).toEqual([remove(aws, ten)])
})

// What the steps say.

it('each write names what it replaces, each absence is a condition, and each version of a user is told as a loser', () => {
  const [aws, azure, gcp] = [native('aws', 5), replica('azure', stampOf(7, 'gcp')), nothing('gcp', buried())]
  const vault = native('vault', 10)
  const { stamp, sources, steps } = moved([aws, azure, gcp, vault])
  expect(stamp).toEqual(vault.stamp)
  expect(sources).toEqual([vault])
  expect(steps).toEqual([write(aws, aws.stamp), write(azure), write(gcp)])
})

it('every member that shows the winner can give it, in the order in which they were seen', () => {
  const [gcp, aws, azure] = [replica('gcp', ten), native('aws', 10), nothing('azure', buried())]
  expect(moved([gcp, aws, azure]).sources).toEqual([gcp, aws])
})

it('a copy of an earlier version gives nothing and loses nothing', () => {
  const [aws, azure] = [native('aws', 10), replica('azure', stampOf(4))]
  const { sources, steps } = moved([azure, aws])
  expect(sources).toEqual([aws])
  expect(steps).toEqual([write(azure)])
})

it('a member that shows nothing needs no removal', () => {
  const azure = replica('azure', ten)
  const { steps } = moved([nothing('aws', buried([stampOf(3)])), azure, nothing('gcp', buried([ten]))])
  expect(steps.map(({ site }) => site)).toEqual([siteId('azure')])
})
