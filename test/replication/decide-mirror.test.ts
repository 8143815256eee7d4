import { expect, it } from 'vitest'
import { decideMirror, type MirrorVerdict, type Original, type RouteTerms } from '#shared/replication/decide-mirror.ts'
import type { Sight } from '#shared/replication/model.ts'
import { native, nothing, plainContent, replica, stampOf } from './sights.ts'

const source: Original = { stamp: stampOf(10), properties: plainContent.properties }
const absent = nothing('vault')
const foreign = native('vault', 11)
const copy = replica('vault', source.stamp)

function terms(more: Partial<RouteTerms> = {}): RouteTerms {
  return { deletes: true, foreign: 'leave', ...more }
}

it.each<[string, Original | null, Sight, MirrorVerdict]>([
  ['both show nothing', null, absent, 'agreed'],
  ['the target shows a copy of exactly this version', source, copy, 'agreed'],
  ['the target shows nothing', source, absent, 'write'],
  ['the target shows a copy of an earlier version', source, replica('vault', stampOf(9)), 'write'],
  [
    'the target shows a copy of a later version: the source was set back',
    source,
    replica('vault', stampOf(11)),
    'write',
  ],
  ['of one date, another version', source, replica('vault', stampOf(10, 'aws', 'w')), 'write'],
  ['the target shows a copy, and the source nothing', null, copy, 'remove'],
  ['the target shows a copy of nobody', source, foreign, 'foreign'],
  ['the target shows what is no copy, and the source nothing', null, foreign, 'agreed'],
])('%s', (_, original, target, verdict) => {
  expect(decideMirror(original, target, terms(), false)).toBe(verdict)
})

it('metadata that the source changed in place is written again', () => {
  expect(decideMirror({ ...source, properties: 'changed' }, copy, terms(), false)).toBe('write')
})

it.each<[RouteTerms['deletes'], seen: boolean, MirrorVerdict]>([
  [true, false, 'remove'],
  [true, true, 'remove'],
  [false, false, 'kept'],
  [false, true, 'kept'],
  ['seen', false, 'kept'],
  ['seen', true, 'remove'],
])('with deletes %s and a user seen deleting %s, what the source shows no more is: %s', (deletes, seen, verdict) => {
  expect(decideMirror(null, copy, terms({ deletes }), seen)).toBe(verdict)
})

it.each([true, false, 'seen'] as const)('what is no copy is never removed, with deletes %s', (deletes) => {
  expect(decideMirror(null, foreign, terms({ deletes, foreign: 'replace' }), true)).toBe('agreed')
})

it('what is no copy is replaced only by explicit choice', () => {
  expect(decideMirror(source, foreign, terms({ foreign: 'leave' }), false)).toBe('foreign')
  expect(decideMirror(source, foreign, terms({ foreign: 'replace' }), false)).toBe('write')
})

it('a route that keeps what is deleted still writes what is new', () => {
  expect(decideMirror(source, absent, terms({ deletes: false }), false)).toBe('write')
})
