import { describe, expect, it } from 'vitest'
import { awsRegions, isAwsRegion } from '#shared/config/aws-region.ts'
import { document, issuesOf, route, sites, type Fields, type Json } from './documents.ts'
import { acceptsEach, withSite } from './refusals.ts'

const twins = (a: Fields, b: Fields): Fields => document([route], {}, { a, b })
const s3 = (endpoint: string, more: Fields = {}): Fields => ({
  kind: 's3',
  bucket: 'pictures',
  control: 'c-1',
  endpoint,
  ...more,
})
const azure = (endpoint: string, more: Fields = {}): Fields => ({
  ...sites['azure'],
  container: 'pictures',
  control: 'c-1',
  endpoint,
  ...more,
})
const gcs = (endpoint: string): Fields => ({ kind: 'gcs', bucket: 'pictures', control: 'c-1', endpoint })
const s3In = (region: string, more: Fields = {}): Fields => ({
  kind: 's3',
  bucket: 'pictures',
  control: 'c-1',
  region,
  ...more,
})
const members = (...controls: readonly string[]): Json =>
  document(
    [{ id: 'g', among: ['aws', 'archive'] }],
    {},
    {
      aws: { ...sites['aws'], control: controls[0] ?? '' },
      archive: { ...sites['archive'], control: controls[1] ?? '' },
    },
  )

const same: readonly (readonly [what: string, a: Fields, b: Fields])[] = [
  ['a dot at the end of a host', s3('https://s3.cellar.example'), s3('https://s3.cellar.example.')],
  ['capitals in a host', s3('https://s3.cellar.example'), s3('https://S3.Cellar.example')],
  ['the port that goes without saying', s3('https://s3.cellar.example'), s3('https://s3.cellar.example:443/')],
  ['the bucket in the host', s3('https://s3.cellar.example'), s3('https://pictures.s3.cellar.example')],
  [
    'two services of AWS',
    s3In('eu-west-1'),
    s3In('eu-west-1', { endpoint: 'https://s3.dualstack.eu-west-1.amazonaws.com' }),
  ],
  ['the bucket in a host of Google', gcs('https://storage.googleapis.com'), s3('https://storage.googleapis.com.')],
  ['a region of Google', gcs('https://storage.googleapis.com'), gcs('https://storage.europe-west3.rep.googleapis.com')],
  [
    'a private link of Azure',
    azure('https://acmemedia.blob.core.windows.net.'),
    azure('https://acmemedia.privatelink.blob.core.windows.net'),
  ],
  [
    'one custom domain for two accounts',
    azure('https://media.acme.example'),
    azure('https://media.acme.example/', { account: 'other' }),
  ],
]

describe('one bucket by two spellings is refused:', () => {
  it.each(same)('%s', (_what, a, b) => {
    expect(issuesOf(twins(a, b))).toContainEqual({
      path: `sites.b.${'container' in b ? 'container' : 'bucket'}`,
      found: '"pictures"',
      expected: 'a place of its own: site a is this one',
    })
  })
})

describe('two buckets of one name are accepted:', () => {
  acceptsEach([
    ['in two stores', twins(s3('https://s3.cellar.example'), s3('https://s3.attic.example'))],
    ['at two ports', twins(s3('http://127.0.0.1:9000'), s3('http://127.0.0.1:9001'))],
    ['in two partitions of AWS', twins(s3In('eu-west-1'), s3In('cn-north-1'))],
    [
      'in two accounts of Azure',
      twins(azure('https://acmemedia.blob.core.windows.net', { container: 'pictures' }), {
        ...sites['azure'],
        account: 'other',
        container: 'pictures',
      }),
    ],
    [
      'in Azure and in its cloud for China',
      twins(
        { ...sites['azure'], container: 'pictures' },
        azure('https://acmemedia.blob.core.chinacloudapi.cn', { container: 'pictures' }),
      ),
    ],
    ['of two paths', twins(s3('https://s3.example/a'), s3('https://s3.example/b'))],
  ])
})

describe('a region', () => {
  it.each([
    ['azure', 'us-east1', 'a region of Azure such as "westeurope"'],
    ['azure', 'westeurope-1', 'a region of Azure such as "westeurope"'],
    ['gcp', 'us-east1-b', 'a location of Cloud Storage such as "europe-west3" or "eu": a region, not one of its zones'],
    [
      'gcp',
      'eu-central-1',
      'a location of Cloud Storage such as "europe-west3" or "eu": a region, not one of its zones',
    ],
  ])('of %s is not %s', (site, region, expected) => {
    expect(issuesOf(withSite(site, { region }))).toEqual([
      { path: `sites.${site}.region`, found: `"${region}"`, expected },
    ])
  })

  it.each([
    ['azure', 'eastus2'],
    ['azure', 'usgovvirginia'],
    ['gcp', 'us'],
    ['gcp', 'nam4'],
    ['gcp', 'asia1'],
    ['gcp', 'northamerica-northeast1'],
    ['gcp', 'europe-west12'],
  ])('of %s may be %s', (site, region) => {
    expect(issuesOf(withSite(site, { region }))).toEqual([])
  })

  it.each(['azure', 'gcp'])('of a store of one’s own that speaks as %s is any name', (site) => {
    const own = { region: 'cellar-2-a', endpoint: 'http://127.0.0.1:9000/acmemedia' }
    expect(issuesOf(withSite(site, own)).map(({ path }) => path)).not.toContain(`sites.${site}.region`)
  })
})

describe('a region of AWS', () => {
  it.each([
    ['eu-centrl-1', 'eu-central-1'],
    ['eu-central-1a', 'eu-central-1'],
    ['eu-wst-1', 'eu-west-1'],
    ['us-east1', 'us-east-1'],
    ['useast-1', 'us-east-1'],
    ['frankfurt', undefined],
    ['aws-global', undefined],
  ])('is not %s', (region, meant) => {
    const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`
    expect(issuesOf(withSite('aws', { region }))).toEqual([
      {
        path: 'sites.aws.region',
        found: `"${region}"`,
        expected: `a region of AWS such as "eu-central-1", or an "endpoint" for a store that is not there${hint}`,
      },
    ])
  })

  it('is one that there is, or one that there may be one day', () => {
    expect(awsRegions.filter((region) => !isAwsRegion(region))).toEqual([])
    const some = [
      'eu-central-1',
      'us-gov-west-1',
      'cn-northwest-1',
      'us-isob-east-1',
      'eu-isoe-west-1',
      'eusc-de-east-1',
    ]
    expect([...some, 'zz-northeast-12'].filter((region) => issuesOf(withSite('aws', { region })).length > 0)).toEqual(
      [],
    )
  })
})

describe('a control bucket', () => {
  it('is not shared by two members of a group', () => {
    expect(issuesOf(members('notes', 'notes'))).toEqual([
      {
        path: 'sites.archive.control',
        found: '"notes"',
        expected: 'a place of its own: aws keeps what group g remembers there too',
      },
    ])
    expect(issuesOf(members('notes', 'notes-2'))).toEqual([])
  })

  it('may be shared by the ends of a route', () => {
    expect(issuesOf(document([route], {}, { archive: { ...sites['archive'], control: 'acme-isobar' } }))).toEqual([])
  })
})
