import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writesAreNews } from '#cdk/aws/echoes.ts'
import type { Config } from '#shared/config/model.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { document, meetingRules as config, parsed } from '#test/config/documents.ts'
import { isNewsForAnother } from '#test/simulation/own-writes.ts'

const second = (site: string, key: string): boolean => isNewsForAnother(config, siteId(site), parseKey(key))

describe('what one rule writes is news for another', () => {
  it('where a route starts from keys that a group writes', () => {
    expect(second('aws', 'media/a')).toBe(true)
    expect(second('aws', 'media/a.tmp')).toBe(false)
  })

  it('where a route leads into a group', () => {
    expect(second('azure', 'media/in/a')).toBe(true)
    expect(second('azure', 'media/a')).toBe(false)
  })

  it('where a route starts from keys that another one writes', () => {
    expect(second('archive', 'media/a')).toBe(true)
    expect(second('archive', 'other')).toBe(false)
  })

  it('but not where rules only start, or one only writes', () => {
    const two = parsed(
      document([
        { id: 'a', from: 'aws', to: ['gcp'] },
        { id: 'b', from: 'aws', to: ['archive'] },
      ]),
    )
    expect(isNewsForAnother(two, siteId('aws'), parseKey('a'))).toBe(false)
    expect(second('aws', 'other')).toBe(false)
    expect(second('cellar', 'media/a')).toBe(false)
  })
})

/** Rules on few prefixes at few sites, so that they meet often; what is refused as a whole tells nothing here. */
const configurations: fc.Arbitrary<Config> = fc
  .array(
    fc.record({
      from: fc.constantFrom('aws', 'gcp', 'archive', 'cellar'),
      to: fc.constantFrom('aws', 'azure', 'archive', 'cellar'),
      prefix: fc.constantFrom('', 'a/', 'a/b/', 'c/'),
      renamed: fc.constantFrom('', 'a/', 'a/b/', 'c/', 'd/'),
      group: fc.boolean(),
      intoGroup: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((drawn) =>
    drawn.map(({ from, to, prefix, renamed, group, intoGroup }, at) =>
      group
        ? { id: `r${at}`, among: ['aws', 'azure'], prefix }
        : { id: `r${at}`, from, to: [to], prefix, rename: { from: prefix, to: renamed }, intoGroup },
    ),
  )
  .map((replicate) => {
    try {
      return parsed(document(replicate))
    } catch {
      return null
    }
  })
  .filter((one) => one !== null)

describe('the filter that a bucket is deployed with', () => {
  it('passes over none of our writes that is news for another rule', () => {
    let news = 0
    const sites = ['aws', 'azure', 'archive', 'cellar'].map(siteId)
    const keys = ['a/x', 'a/b/x', 'a/b/', 'c/x', 'd/x', 'e'].map(parseKey)
    fc.assert(
      fc.property(configurations, (drawn) => {
        for (const site of sites.filter((one) => keys.some((key) => isNewsForAnother(drawn, one, key)))) {
          news++
          expect(writesAreNews(drawn, site), site).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
    expect(news).toBeGreaterThan(5)
  })
})
