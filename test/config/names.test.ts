import { describe, expect, it } from 'vitest'
import { document, issuesOf, sites, type Fields, type Json } from './documents.ts'
import { withRoute, withSite } from './refusals.ts'

const uuid = '7b6d5a9e-1111-4222-8333-444455556666'
const azureRole = (id: string): Fields => ({ tenant: id, client: uuid })
const arn = (role: string): string => `arn:aws:iam::123456789012:role/${role}`
const account = (id: string, project: string): string => `${id}@${project}.iam.gserviceaccount.com`

/** So long, with a dot at least every 64 characters. */
const dotted = (length: number): string => `${'a'.repeat(63)}.`.repeat(3) + 'a'.repeat(length - 192)

type Names = readonly [field: string, site: string, good: readonly Json[], bad: readonly Json[]]

const names: readonly Names[] = [
  [
    'bucket',
    'aws',
    ['abc', '1.b-c', 'a'.repeat(63)],
    ['ab', 'a'.repeat(64), 'abc-', '-abc', 'a_b', 'abc\n', 'Abc', 'a bc'],
  ],
  ['bucket', 'gcp', ['abc', 'a_b.c', dotted(222)], ['ab', dotted(223), 'abc_', '_abc', 'abc\n', 'Abc']],
  [
    'container',
    'azure',
    ['abc', 'a-b', '$web', 'a'.repeat(63)],
    ['$root', 'ab', 'a'.repeat(64), 'a--b', 'ab-', '-ab', '$log', '$webs', 'ab\n'],
  ],
  ['account', 'azure', ['abc', 'a1b2', 'a'.repeat(24)], ['ab', 'a'.repeat(25), 'a-bc', 'Abc', 'abc\n']],
  ['region', 'cellar', ['eu-west-1', 'x', '1'], ['', 'eu west', 'EU', '-eu', 'eu\n', 'a'.repeat(64)]],
  [
    'role',
    'aws',
    [arn('a'), arn('path/A+=,.@-_1'), arn('a').replace('aws', 'aws-us-gov')],
    [arn(''), arn('a b'), ` ${arn('a')}`, arn('a').replace('aws', 'AWS'), arn('a').replace('3', '')],
  ],
  [
    'role',
    'azure',
    [azureRole(uuid), azureRole(uuid.toUpperCase())],
    [azureRole(`${uuid}0`), azureRole(`0${uuid}`), azureRole('me'), uuid],
  ],
  [
    'role',
    'gcp',
    [account('isobar', 'acme-prod'), account('a12345', 'p12345')],
    [
      account('a', 'acme-prod'),
      account('isobar', 'p'),
      `x ${account('isobar', 'acme-prod')}`,
      `${account('isobar', 'acme-prod')}.evil`,
    ],
  ],
  [
    'endpoint',
    'gcp',
    ['http://127.0.0.1:4443', 'https://[::1]/path', 'HTTPS://gcs.example'],
    [
      'gcs.example',
      'https://',
      'https://a b',
      'https://a\\b',
      'https://a\nb',
      'https://a\u0085',
      'x https://a',
      'https://a:port',
      'https://a?',
      'https://a#b',
      'https://u@a',
      5,
    ],
  ],
  [
    'joined',
    'gcp',
    ['2024-02-29', '2026-11-03T10:00:00Z', '2026-11-03T10:00:00.5-08:00'],
    ['2026-02-29', '03.11.2026', '2026-11-03T25:00:00Z', '2026-11-03T10:00:00', 1_700_000_000],
  ],
  ['retentionDays', 'gcp', [1, 36_500], [0, 36_501, 1.5, '14']],
]

describe('the names and numbers of a site', () => {
  it.each(names)('%s of %s', (field, site, good, bad) => {
    const refused = (value: Json): boolean =>
      issuesOf(withSite(site, { [field]: value })).some(({ path }) => path.startsWith(`sites.${site}.${field}`))
    expect(good.filter(refused)).toEqual([])
    expect(bad.filter((value) => !refused(value))).toEqual([])
  })
})

describe('the classes that a rule may write with', () => {
  const classes = {
    archive: ['STANDARD', 'INTELLIGENT_TIERING', 'STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'],
    azure: ['Hot', 'Cool', 'Cold', 'Archive'],
    gcp: ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'],
  }

  it('are those of its own cloud', () => {
    const all = new Set([...Object.values(classes).flat(), 'hot', 'constructor'])
    for (const [site, own] of Object.entries(classes)) {
      const write = (name: string) =>
        document([{ id: 'r', from: 'cellar', to: [site], storageClass: { [site]: name } }])
      expect([...all].filter((name) => issuesOf(write(name)).length === 0).toSorted()).toEqual(own.toSorted())
    }
  })
})

describe('the bounds of a rule', () => {
  const many = (count: number): Fields => Object.fromEntries(Array.from({ length: count }, (_, at) => [`t${at}`, '']))
  const bounds: readonly (readonly [what: string, good: Json, bad: Json])[] = [
    ['tags', many(10), many(11)],
    ['tags', { ['n'.repeat(128)]: 'v'.repeat(256) }, { ['n'.repeat(129)]: '' }],
    ['tags', { 'a\nb': '\n' }, { a: 'v'.repeat(257) }],
    ['tags', {}, { '': 'v' }],
    ['prefix', 'é'.repeat(512), 'é'.repeat(512) + 'a'],
    ['sloSeconds', 604_800, 604_801],
    ['include', Array.from({ length: 100 }, () => 'a'), Array.from({ length: 101 }, () => 'a')],
  ]

  it.each(bounds)('%s', (field, good, bad) => {
    const refused = (value: Json): boolean =>
      issuesOf(withRoute({ [field]: value })).some(({ path }) => path.startsWith(`replicate[1].${field}`))
    expect([refused(good), refused(bad)]).toEqual([false, true])
  })

  it('of a document are its sites', () => {
    const crowd = (count: number) =>
      document([{ id: 'r', from: 's0', to: ['s1'] }], {
        sites: Object.fromEntries(
          Array.from({ length: count }, (_, at) => [`s${at}`, { ...sites['aws'], bucket: `bucket-${at}` }]),
        ),
      })
    expect(issuesOf(crowd(50))).toEqual([])
    expect(issuesOf(crowd(51))).toEqual([{ path: 'sites', found: 'an object', expected: 'at most 50 entries' }])
  })
})
