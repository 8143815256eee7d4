import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Route } from '#shared/config/model.ts'
import { admits, rulesAt, sourceKey, targetKey } from '#shared/config/rules-at.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { document, type Json, meetingRules as config, parsed } from './documents.ts'

const at = (site: string, key: string): readonly string[] =>
  rulesAt(config, siteId(site), parseKey(key)).map(({ id }) => id)

const route = (fields: Json): Route => {
  const [only] = parsed(document([{ id: 'r', from: 'aws', to: ['archive'], ...(fields as object) }])).routes
  if (only === undefined) throw new Error('no route')
  return only
}

describe('what a changed key starts', () => {
  it('a group at its members, a route at its source, each for its own keys', () => {
    expect(at('aws', 'media/a')).toEqual(['media', 'vault'])
    expect(at('aws', 'other')).toEqual(['vault'])
    expect(at('aws', 'media/a.tmp')).toEqual(['media'])
    expect(at('azure', 'media/a')).toEqual(['media'])
    expect(at('azure', 'other')).toEqual([])
    expect(at('gcp', 'out/a')).toEqual(['scans'])
    expect(at('cellar', 'media/a')).toEqual([])
  })

  it('nothing, where the key is one of Isobar’s own', () => {
    expect(at('aws', '.isobar/conformance/k')).toEqual([])
    expect(at('aws', '.isobarely')).toEqual(['vault'])
  })
})

describe('a renamed key', () => {
  it('is turned back into its source’s name', () => {
    const prefixes = fc.constantFrom('', 'a', 'a/', 'b/c/')
    const rest = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(prefixes, prefixes, rest, (from, to, rest) => {
        fc.pre(from !== to)
        const renaming = route({ prefix: from, rename: { from, to } })
        const key = parseKey(from + rest)
        const target = targetKey(renaming, key)
        expect(target).toBe(to + rest)
        expect(target === null ? null : sourceKey(renaming, target)).toBe(key)
      }),
    )
  })

  it('has no name where no store could hold it', () => {
    const longer = route({ prefix: 'a/', rename: { from: 'a/', to: 'abc/' } })
    expect(targetKey(longer, parseKey(`a/${'é'.repeat(510)}`))).toBe(`abc/${'é'.repeat(510)}`)
    expect(targetKey(longer, parseKey(`a/${'é'.repeat(511)}`))).toBeNull()
    expect(targetKey(route({ prefix: 'a/', rename: { from: 'a/', to: '' } }), parseKey('a/'))).toBeNull()
  })

  it('is the same name where the route renames nothing', () => {
    expect(targetKey(route({}), parseKey('a'))).toBe('a')
  })

  it('has no source where the route writes no such key', () => {
    const renaming = route({ prefix: 'a/', exclude: ['a/x/**'], rename: { from: 'a/', to: 'b/' } })
    expect(sourceKey(renaming, parseKey('b/y'))).toBe('a/y')
    expect(sourceKey(renaming, parseKey('b/x/y'))).toBeNull()
    expect(sourceKey(renaming, parseKey('a/y'))).toBeNull()
    expect(sourceKey(route({ prefix: 'a/' }), parseKey('b/y'))).toBeNull()
  })

  it('belongs to a route only with its size and all of its tags', () => {
    const picky = route({ size: { min: 2, max: 4 }, tags: { state: 'approved', kind: 'scan' } })
    const tagged = new Map([
      ['state', 'approved'],
      ['kind', 'scan'],
      ['more', ''],
    ])
    expect([1, 2, 4, 5].map((bytes) => admits(picky, bytes, tagged))).toEqual([false, true, true, false])
    expect(
      admits(
        picky,
        3,
        new Map([
          ['state', 'approved'],
          ['kind', 'x'],
        ]),
      ),
    ).toBe(false)
    expect(admits(picky, 3, new Map())).toBe(false)
    expect(admits(route({ size: { min: 2 } }), Number.MAX_SAFE_INTEGER, new Map())).toBe(true)
  })
})
