import { describe } from 'vitest'
import { document, route, sites, type Json } from './documents.ts'
import { acceptsEach, refusesEach, withSite, type Mistake } from './refusals.ts'

const elsewhere: readonly Mistake[] = [
  [
    'an account that is another',
    withSite('azure', { endpoint: 'https://other.blob.core.windows.net' }),
    'sites.azure.endpoint: found "https://other.blob.core.windows.net", expected the blob service of the site’s account, such as "https://acmemedia.blob.core.windows.net"',
  ],
  [
    'a copy that cannot be written',
    withSite('azure', { endpoint: 'https://acmemedia-secondary.blob.core.windows.net' }),
    'sites.azure.endpoint: found "https://acmemedia-secondary.blob.core.windows.net", expected the blob service',
  ],
  [
    'another service of the account',
    withSite('azure', { endpoint: 'https://acmemedia.dfs.core.windows.net' }),
    'sites.azure.endpoint: found "https://acmemedia.dfs.core.windows.net", expected the blob service',
  ],
  [
    'a container in the address',
    withSite('azure', { endpoint: 'https://acmemedia.blob.core.windows.net/media' }),
    'sites.azure.endpoint: found "https://acmemedia.blob.core.windows.net/media", expected an address that ends with its host',
  ],
  [
    'a bucket in the path',
    withSite('aws', { endpoint: 'https://s3.eu-central-1.amazonaws.com/acme-media' }),
    'sites.aws.endpoint: found "https://s3.eu-central-1.amazonaws.com/acme-media", expected an address that ends with its host',
  ],
  [
    'a bucket in the host',
    withSite('aws', { endpoint: 'https://acme-media.s3.eu-central-1.amazonaws.com' }),
    'sites.aws.endpoint: found "https://acme-media.s3.eu-central-1.amazonaws.com", expected the address without "acme-media"',
  ],
  [
    'a bucket in a host of Google',
    withSite('gcp', { endpoint: 'https://acme-media-us.storage.googleapis.com' }),
    'sites.gcp.endpoint: found "https://acme-media-us.storage.googleapis.com", expected the address without "acme-media-us"',
  ],
  ...[
    's3.eu-west-1',
    's3-eu-west-1',
    's3.dualstack.eu-west-1',
    's3-fips.eu-west-1',
    'bucket.vpce-1a2b-3c.s3.eu-west-1.vpce',
  ].map((host): Mistake => {
    const endpoint = `https://${host}.amazonaws.com`
    return [
      `another region: ${host}`,
      withSite('aws', { endpoint }),
      `sites.aws.endpoint: found "${endpoint}", expected an address in the site’s region, "eu-central-1"`,
    ]
  }),
  ...['s3-accelerate', 's3-accelerate.dualstack', 'other.s3-accelerate'].map((host): Mistake => {
    const endpoint = `https://${host}.amazonaws.com`
    return [
      `no region at all: ${host}`,
      withSite('aws', { endpoint }),
      `sites.aws.endpoint: found "${endpoint}", expected an address in the site’s region, "eu-central-1"`,
    ]
  }),
  ...[
    ['aws', 's3.eu-central-1.amazonaws.com'],
    ['azure', 'acmemedia.blob.core.windows.net'],
    ['gcp', 'storage.googleapis.com'],
  ].map(([site = '', host = '']): Mistake => [
    `an open way to a cloud: ${host}`,
    withSite(site, { endpoint: `HTTP://${host}/` }),
    `sites.${site}.endpoint: found "HTTP://${host}/", expected an https:// address: on its way to a cloud anybody can read http://`,
  ]),
  [
    'no region at an address of AWS',
    withSite('cellar', { endpoint: 'https://s3.eu-west-1.amazonaws.com' }),
    'sites.cellar.region: found nothing, expected a region of AWS',
  ],
]

describe('an address that is not the site’s is refused:', () => {
  refusesEach(elsewhere)
})

const atAws = { archive: { ...sites['archive'], endpoint: 'https://s3.eu-west-1.amazonaws.com' } }
const inClass = (archive: string): Json => [
  { ...route, storageClass: { archive } },
  { id: 'on', from: 'archive', to: ['cellar'] },
]

describe('a bucket at an address of AWS has the classes of AWS:', () => {
  refusesEach([
    [
      'none of another cloud',
      document(inClass('COLDLINE'), {}, atAws),
      'replicate[0].storageClass.archive: found "COLDLINE", expected one of the classes there: STANDARD',
    ],
    [
      'none that takes hours to read, where it is read',
      document(inClass('GLACIER'), {}, atAws),
      'replicate[0].storageClass.archive: found "GLACIER", expected a class whose objects can be read at once',
    ],
  ])
  acceptsEach([['one that is read', document(inClass('GLACIER_IR'), {}, atAws)]])
})

describe('an address that may be the site’s is accepted:', () => {
  const aws = [
    's3',
    's3.eu-central-1',
    's3-eu-central-1',
    's3.dualstack.eu-central-1',
    's3-fips.eu-central-1',
    'bucket.vpce-1a2b-3c.s3.eu-central-1.vpce',
  ]
  acceptsEach([
    ...aws.map((host) => [`AWS: ${host}`, withSite('aws', { endpoint: `https://${host}.amazonaws.com` })] as const),
    [
      'a bucket with the name that a private link begins with',
      withSite('aws', { bucket: 'bucket', endpoint: 'https://bucket.vpce-1a2b-3c.s3.eu-central-1.vpce.amazonaws.com' }),
    ],
    [
      'a store of one’s own behind a balancer in AWS',
      withSite('cellar', {
        region: 'cellar',
        bucket: 'a--x-s3',
        endpoint: 'http://s3.eu-west-1.elb.amazonaws.com/base',
      }),
    ],
    ...[
      'acmemedia.blob.core.windows.net',
      'acmemedia.z07.blob.storage.azure.net',
      'acmemedia.blob.core.usgovcloudapi.net',
      'media.acme.example',
      'acmemedia.blob.local.azurestack.external',
    ].map((host) => [`Azure: ${host}`, withSite('azure', { endpoint: `https://${host}` })] as const),
    ...[
      ['aws', 'bucket.vpce-1a2b-3c.s3.eu-central-1.vpce.amazonaws.com'],
      ['azure', 'acmemedia.privatelink.blob.core.windows.net'],
      ['azure', 'media.acme.example'],
      ['gcp', '10.0.0.7:4443'],
      ['cellar', 'localhost:9000'],
    ].map(
      ([site = '', host = '']) => [`by an open way: ${host}`, withSite(site, { endpoint: `http://${host}` })] as const,
    ),
    ['an emulator', withSite('azure', { endpoint: 'http://127.0.0.1:10000/acmemedia' })],
    ['Google', withSite('gcp', { endpoint: 'https://storage.googleapis.com/' })],
  ])
})
