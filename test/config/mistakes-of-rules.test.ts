import { describe, expect, it } from 'vitest'
import { document, group, issuesOf, route, sites } from './documents.ts'
import { refusesEach, withGroup, withRoute, withSite, type Mistake } from './refusals.ts'

/** 1,024 bytes. */
const long = 'é'.repeat(512)

/** So many that they are not searched together. */
const endings = Array.from({ length: 100 }, (_, at) => `**/*.e${at}`)

const mistakes: readonly Mistake[] = [
  [
    'a member without versions',
    withGroup({ among: ['aws', 'cellar'] }),
    'replicate[0].among[1]: found "cellar", which keeps no versions, expected a site with versions on',
  ],
  [
    'a member in folders',
    document([{ ...group, among: ['aws', 'gcp'] }], {}, { gcp: { ...sites['gcp'], hierarchicalNamespace: true } }),
    'replicate[0].among[1]: found "gcp", which keeps no versions, expected a site with versions on',
  ],
  [
    'a member that soon forgets',
    withSite('azure', { retentionDays: 7 }),
    'replicate[0].among[1]: found "azure", which keeps versions 7 days, expected a site whose retentionDays are at least 14',
  ],
  [
    'more than the most',
    withRoute({ size: { min: 2, max: 1 } }),
    'replicate[1].size.min: found 2, expected at most the max, 1',
  ],
  [
    'what is foreign replaced where nothing is kept',
    withRoute({ to: ['cellar'], foreign: 'replace' }),
    'replicate[1].foreign: found "replace", expected "leave": "cellar" keeps no versions, so what is replaced there is lost',
  ],
  [
    'a window wider than the promise',
    withRoute({ sloSeconds: 5, windowSeconds: 6 }),
    'replicate[1].windowSeconds: found 6, expected at most the rule’s sloSeconds, 5',
  ],
  [
    'a pattern outside its prefix',
    withRoute({ prefix: 'a/', include: ['b/*'] }),
    'replicate[1].include[0]: found "b/*", expected a pattern of keys under the prefix "a/"',
  ],
  [
    'a pattern of other depth than its prefix',
    withRoute({ prefix: 'photos/', include: ['*.jpg'] }),
    'replicate[1].include[0]: found "*.jpg", expected a pattern of keys under the prefix "photos/"',
  ],
  [
    'a pattern whose star ends before its prefix does',
    withRoute({ prefix: 'logs/2026/', include: ['logs/*'] }),
    'replicate[1].include[0]: found "logs/*", expected a pattern of keys under the prefix "logs/2026/"',
  ],
  [
    'a pattern taken for one within the prefix',
    withRoute({ prefix: 'photos/[a]/', include: ['/private/**'] }),
    String.raw`replicate[1].include[0]: found "/private/**", expected a pattern of keys under the prefix "photos/[a]/", such as "photos/\\[a\\]/private/**"`,
  ],
  ...['private/**', '*.tmp', 'photo/x', 'photos'].map((text): Mistake => [
    `keys withheld that the prefix has not: ${text}`,
    withGroup({ prefix: 'photos/', exclude: ['**/*.raw', text, 'photos/b/**'] }),
    `replicate[0].exclude[1]: found "${text}", expected a pattern of keys that begin with "photos/", such as "photos/${text}"`,
  ]),
  [
    'keys withheld that no pattern has',
    withRoute({ include: ['photos/**/*.jpg'], exclude: ['private/**'] }),
    'replicate[1].exclude[0]: found "private/**", expected a pattern of keys that begin with "photos/", such as "photos/private/**"',
  ],
  [
    'keys withheld that none of two patterns has',
    withRoute({ include: ['a/*', 'b/*'], exclude: ['b/c/**', 'c/*'] }),
    'replicate[1].exclude[1]: found "c/*", expected a pattern of keys that begin as one of "include" does',
  ],
  [
    'a pattern that is excluded by itself',
    withRoute({ include: ['*.jpg'], exclude: ['*.jpg'] }),
    'replicate[1].include[0]: found "*.jpg", expected a pattern of keys that "exclude" leaves',
  ],
  [
    'a key that a pattern excludes',
    withRoute({ include: ['a.txt'], exclude: ['*.txt'] }),
    'replicate[1].include[0]: found "a.txt", expected a pattern of keys that "exclude" leaves',
  ],
  [
    'a pattern that is excluded',
    withRoute({ include: ['a/b'], exclude: ['a/**'] }),
    'replicate[1].include[0]: found "a/b", expected a pattern of keys that "exclude" leaves',
  ],
  [
    'everything excluded',
    withRoute({ exclude: ['**'] }),
    'replicate[1].exclude: found patterns that take every key of the rule, expected some key',
  ],
  [
    'everything excluded by two patterns',
    withRoute({ exclude: ['*', '*/**'] }),
    'replicate[1].exclude: found patterns that take every key of the rule, expected some key',
  ],
  [
    'every key excluded that has a character',
    withGroup({ prefix: '', exclude: ['?**', '/**'] }),
    'replicate[0].exclude: found patterns that take every key of the rule, expected some key',
  ],
  [
    'a pattern that a wider one excludes',
    withRoute({ include: ['out/**/*.json', 'out/**/*.dcm'], exclude: ['**/*.dcm'] }),
    'replicate[1].include[1]: found "out/**/*.dcm", expected a pattern of keys that "exclude" leaves',
  ],
  [
    'a pattern that one of very many excludes',
    withRoute({ include: ['**/*.x', '**/*a.e7'], exclude: endings }),
    'replicate[1].include[1]: found "**/*a.e7", expected a pattern of keys that "exclude" leaves',
  ],
  [
    'a rename of half the keys',
    withRoute({ rename: { from: 'a/', to: 'b/' } }),
    'replicate[1].rename.from: found "a/", expected a beginning of every key of the route, which takes all keys: "prefix": "a/" would leave the others out',
  ],
  [
    'a rename of some folders',
    withRoute({ include: ['a/*', 'b/*', 'c/*', 'd/e'], rename: { from: 'a/', to: 'z/' } }),
    'replicate[1].rename.from: found "a/", expected a beginning of every key of the route, which takes keys that begin with "a/", "b/", "c/" or "d/e"',
  ],
  [
    'a rename of another folder',
    withRoute({ prefix: 'b/a/', rename: { from: 'a/', to: 'z/' } }),
    'replicate[1].rename.from: found "a/", expected',
  ],
  [
    'a rename that makes keys Isobar’s own',
    withRoute({ prefix: 'a/b/', rename: { from: 'a', to: '.isobar' } }),
    'replicate[1].rename.to: found ".isobar", expected another beginning: with it keys would lie below ".isobar/", which are',
  ],
  [
    'a rename to itself',
    withRoute({ prefix: 'a/', rename: { from: 'a/', to: 'a/' } }),
    'replicate[1].rename.to: found "a/", expected another beginning than "from"',
  ],
  [
    'deletions by users from where nobody tells who deleted',
    withRoute({ from: 'gcp', deletes: 'seen' }),
    'replicate[1].deletes: found "seen", expected true or false: the events of "gcp" do not say that a user deleted',
  ],
  [
    'a limit of deletions where there are none',
    withRoute({ deletes: false, guards: { deletes: { perHour: 5 } } }),
    'replicate[1].guards.deletes: found a limit of deletions, expected nothing: by "deletes": false the route removes none',
  ],
  [
    'a rename that leaves no byte for the key',
    withRoute({ prefix: 'a/', rename: { from: 'a/', to: long } }),
    `replicate[1].rename.to: found "ééé`,
  ],
  [
    'a rename that leaves no byte for what a pattern has beside its head',
    withRoute({ include: ['a/bc*'], rename: { from: 'a/', to: long.slice(1) } }),
    `replicate[1].rename.to: found "ééé`,
  ],
]

describe('a rule that contradicts itself or its sites is refused', () => {
  refusesEach(mistakes)

  it('and no pattern within a prefix is made up where that is no folder', () => {
    const [issue] = issuesOf(withRoute({ prefix: 'photos', exclude: ['private/**'] }))
    expect(issue?.expected).toBe('a pattern of keys that begin with "photos"')
  })

  it('and nothing without a mistake is', () => {
    expect(issuesOf(withRoute({ prefix: 'a/', rename: { from: 'a', to: '.isobarely' } }))).toEqual([])
    expect(issuesOf(document([group, route]))).toEqual([])
    expect(issuesOf(withRoute({ size: { min: 1, max: 1 }, sloSeconds: 5, windowSeconds: 5 }))).toEqual([])
    expect(issuesOf(document([{ ...route, to: ['cellar'], storageClass: { cellar: 'OUR_OWN-1' } }]))).toEqual([])
    expect(issuesOf(withRoute({ include: endings, exclude: endings.map((text) => `${text}x`) }))).toEqual([])
    expect(issuesOf(withRoute({ exclude: ['*', '*/*'] }))).toEqual([])
    expect(issuesOf(withRoute({ exclude: ['*', '?*/**'] }))).toEqual([])
    expect(issuesOf(withRoute({ include: ['out/**/*.dcm'], exclude: ['**/*?.dcm'] }))).toEqual([])
    expect(issuesOf(withRoute({ include: ['out/**/*.dcm'], exclude: ['out/*.dcm'] }))).toEqual([])
    expect(issuesOf(withRoute({ prefix: 'a/', exclude: ['a**/c', '**/c', '*/c', '?/b', 'a/x/y'] }))).toEqual([])
    expect(issuesOf(withRoute({ prefix: 'a/b', exclude: ['a/b*', 'a/*', 'a/bc', '**/*.x'] }))).toEqual([])
    expect(issuesOf(withRoute({ include: ['a/**/*.jpg', 'b/*'], exclude: ['**/*.tmp', 'b/c/**'] }))).toEqual([])
    expect(issuesOf(withRoute({ prefix: 'a/', rename: { from: 'a/', to: `${long.slice(1)}b` } }))).toEqual([])
    expect(issuesOf(withRoute({ include: ['a', 'b'], rename: { from: '', to: long.slice(1) } }))).toEqual([])
    expect(issuesOf(withRoute({ include: ['a'], rename: { from: 'a', to: long } }))).toEqual([])
    expect(issuesOf(withRoute({ deletes: 'seen', guards: { deletes: { perHour: 5 } } }))).toEqual([])
    expect(issuesOf(withRoute({ deletes: true, guards: { deletes: { perHour: 5 } } }))).toEqual([])
    const guards = { maxBytesPerDay: 5, deletes: { perHour: 7 } }
    expect(issuesOf(document([{ ...route, guards }], { guards }))).toEqual([])
    expect(issuesOf(document([{ ...route, guards }], { guards: { deletes: { perHour: 8 } } }))).toEqual([])
    expect(issuesOf(withRoute({ from: 'cellar', deletes: 'seen' }))).toEqual([])
    expect(issuesOf(withRoute({ from: 'gcp', deletes: false }))).toEqual([])
    expect(issuesOf(document([group, { ...route, deletes: 'seen', tags: { a: '' }, size: { max: 1 } }]))).toEqual([])
  })
})
