import { describe, expect, it } from 'vitest'
import { asFailure, Failure, type FailureKind, type Patience } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'

/** Said once more, by hand: when a failure of one object, and of a whole site, is looked at again. */
const table: Record<FailureKind, [ofKey: Patience, ofSite: Patience]> = {
  absent: ['soon', 'later'],
  conflict: ['soon', 'soon'],
  unknown: ['soon', 'soon'],
  corrupt: ['soon', 'soon'],
  denied: ['never', 'later'],
  throttled: ['later', 'later'],
  unreachable: ['later', 'later'],
  invalid: ['never', 'never'],
}
const kinds = Object.keys(table) as FailureKind[]

describe('failures', () => {
  it('are tried again as the one table says', () => {
    const found = kinds.map((kind) => [
      kind,
      (['key', 'site'] as const).map((scope) => new Failure(kind, 'x', { scope }).patience),
    ])
    expect(Object.fromEntries(found)).toEqual(table)
  })

  it('are a whole site’s where nothing else is said of a refused permission, a throttle or a silence', () => {
    const ofSite = kinds.filter((kind) => new Failure(kind, 'x').scope === 'site')
    expect(ofSite.toSorted()).toEqual(['denied', 'throttled', 'unreachable'])
    expect(kinds.every((kind) => new Failure(kind, 'x', { scope: 'key' }).scope === 'key')).toBe(true)
  })

  it('keep their site and their cause', () => {
    const cause = new Error('socket hang up')
    expect(new Failure('unknown', 'put', { site: siteId('aws'), cause })).toMatchObject({ site: 'aws', cause })
    const bare = new Failure('unknown', 'put')
    expect(bare.site).toBeNull()
    expect('cause' in bare).toBe(false)
    expect(bare.name).toBe('Failure')
  })

  it('are told from defects, which pass untouched', () => {
    const failure = new Failure('absent', 'x')
    expect(asFailure(failure)).toBe(failure)
    for (const defect of [new TypeError('ours'), 'text', undefined]) {
      let thrown: unknown = 'nothing'
      try {
        asFailure(defect)
      } catch (reason) {
        thrown = reason
      }
      expect(thrown).toBe(defect)
    }
  })
})
