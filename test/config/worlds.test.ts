import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { issuesOf, sites, type Fields } from './documents.ts'
import { harm } from './oracle.ts'

const words = ['a', 'b', 'a/', 'b/', 'a/b/', 'x', 'a/x', '/']
const places = ['aws', 'azure', 'gcp', 'archive']

const place = fc.constantFrom(...places)
const prefix = fc.constantFrom('', 'a/', 'b/', 'a/b/', 'c/')
const patterns = (most: number) =>
  fc.array(fc.constantFrom('a/**', '**/x', 'b/*', 'a/b/**', '*', 'c/?', '**/*'), { maxLength: most })

const filter = (withPatterns: boolean): fc.Arbitrary<Fields> =>
  withPatterns
    ? fc.record({ prefix, include: patterns(1), exclude: patterns(1) }).map(({ include, exclude, prefix }) => {
        const rest = { prefix, exclude: exclude.filter((text) => isNear(text, prefix)) }
        return include.length === 0 ? rest : { include, ...rest }
      })
    : fc.record({ prefix })

/** What can exclude nothing is refused: of too many such worlds too few would be left. */
function isNear(pattern: string, prefix: string): boolean {
  const head = /^[^*?]*/.exec(pattern)?.[0] ?? ''
  return head.startsWith(prefix) || prefix.startsWith(head)
}

const group = (keys: fc.Arbitrary<Fields>): fc.Arbitrary<Fields> =>
  fc.tuple(fc.uniqueArray(place, { minLength: 2, maxLength: 3 }), keys).map(([among, fields]) => ({ among, ...fields }))

const route = (keys: fc.Arbitrary<Fields>): fc.Arbitrary<Fields> =>
  fc
    .tuple(fc.shuffledSubarray(places, { minLength: 2, maxLength: 3 }), keys, fc.option(prefix), fc.boolean())
    .map(([[from = '', ...to], fields, name, intoGroup]) => {
      const renamed =
        name === null || name === fields['prefix'] ? {} : { rename: { from: fields['prefix'] ?? '', to: name } }
      return { from, to, intoGroup, ...fields, ...renamed }
    })

const stay = (withPatterns: boolean): fc.Arbitrary<Fields> => {
  const byPrefix = fc.record({
    prefix: fc.constantFrom('a/', 'c/'),
    sites: fc.shuffledSubarray(places, { minLength: 1 }),
  })
  const regions = fc.constantFrom(['eu-central-1', 'eu-west-1'], ['westeurope'])
  const byPattern = fc.record({ include: fc.constantFrom(['a/*'], ['**/x'], ['a/**']), regions })
  return withPatterns ? fc.oneof(byPrefix, byPattern) : byPrefix
}

const world = (withPatterns: boolean) => {
  const keys = filter(withPatterns)
  const rules = fc.array(fc.oneof(group(keys), route(keys)), { minLength: 1, maxLength: 4 })
  return fc.tuple(rules, fc.array(stay(withPatterns), { maxLength: 1 })).map(([rules, stay]) => ({
    sites,
    replicate: rules.map((rule, at) => ({ id: `r${at}`, ...rule })),
    stay,
  }))
}

describe('a random configuration', () => {
  it('is accepted only if no key of it comes to harm', () => {
    const count = { accepted: 0, refused: 0 }
    fc.assert(
      fc.property(world(true), (document) => {
        const accepted = issuesOf(document).length === 0
        count[accepted ? 'accepted' : 'refused'] += 1
        expect(accepted ? harm(document, words) : []).toEqual([])
      }),
      { numRuns: 6_000 },
    )
    expect(Math.min(count.accepted, count.refused)).toBeGreaterThan(600)
  })

  it('is refused for a reason, where prefixes alone tell its keys apart', () => {
    let refused = 0
    fc.assert(
      fc.property(world(false), (document) => {
        const issues = issuesOf(document).filter(({ path }) => !path.endsWith('.intoGroup'))
        if (issues.length === 0) return
        refused += 1
        expect(harm(document, words), JSON.stringify(issues)).not.toEqual([])
      }),
      { numRuns: 1_500 },
    )
    expect(refused).toBeGreaterThan(200)
  })
})
