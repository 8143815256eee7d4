import { describe } from 'vitest'
import { document, group, route, sites, type Json } from './documents.ts'
import { acceptsEach, refusesEach, withGroup, withRoute, withSite, without, type Mistake } from './refusals.ts'

const mistakes: readonly Mistake[] = [
  [
    'a site that there is not',
    withRoute({ to: ['arhive'] }),
    'replicate[1].to[0]: found "arhive", expected one of the sites: aws, azure, gcp, cellar, archive (did you mean "archive"',
  ],
  [
    'a member that there is not',
    withGroup({ among: ['aws', 'toString'] }),
    'replicate[0].among[1]: found "toString", expected one of the sites: aws, azure',
  ],
  [
    'a class for a name that every object has',
    withGroup({ among: ['aws', 'constructor'], storageClass: { constructor: 'Hot' } }),
    'replicate[0].among[1]: found "constructor", expected one of the sites: aws, azure',
  ],
  [
    'a source that left',
    withRoute({ from: 'gone' }),
    'replicate[1].from: found "gone", expected a site that is not retired',
  ],
  [
    'a member that left',
    withGroup({ among: ['aws', 'gone'] }),
    'replicate[0].among[1]: found "gone", expected a site that is not retired',
  ],
  [
    'a member twice',
    withGroup({ among: ['aws', 'azure', 'aws'] }),
    'replicate[0].among[2]: found "aws", expected each site once: among[0] is the same',
  ],
  [
    'a target twice',
    withRoute({ to: ['archive', 'archive'] }),
    'replicate[1].to[1]: found "archive", expected each site once: to[0] is the same',
  ],
  [
    'a route to its source',
    withRoute({ to: ['archive', 'aws'] }),
    'replicate[1].to[1]: found "aws", expected a site other than the route’s source',
  ],
  [
    'one id for two rules',
    document([group, { ...route, id: 'media' }]),
    'replicate[1].id: found "media", expected an id of its own: replicate[0] has this one',
  ],
  [
    'a class of another cloud',
    withRoute({ storageClass: { archive: 'COLDLINE' } }),
    'replicate[1].storageClass.archive: found "COLDLINE", expected one of the classes there: STANDARD, INTELLIGENT_TIERING, STANDARD_IA',
  ],
  [
    'a class for a site not written',
    withRoute({ storageClass: { aws: 'GLACIER' } }),
    'replicate[1].storageClass.aws: found "aws", expected one of the sites that the rule writes: archive',
  ],
  [
    'a class nobody could have',
    document([{ ...route, to: ['cellar'], storageClass: { cellar: 'a b' } }]),
    'replicate[0].storageClass.cellar: found "a b", expected a storage class',
  ],
  [
    'one bucket as two sites',
    withSite('archive', { bucket: 'acme-media' }),
    'sites.archive.bucket: found "acme-media", expected a place of its own: site aws is this one',
  ],
  [
    'one bucket by two faces',
    document(
      [route],
      {},
      { face: { kind: 's3', bucket: 'acme-media-us', control: 'c-1', endpoint: 'https://storage.googleapis.com/' } },
    ),
    'sites.face.bucket: found "acme-media-us", expected a place of its own: site gcp is this one',
  ],
  [
    'one container by its address',
    document([route], {}, { again: { ...sites['azure'], endpoint: 'https://acmemedia.blob.core.windows.net' } }),
    'sites.again.container: found "media", expected a place of its own: site azure is this one',
  ],
  [
    'one bucket by a region’s address',
    withSite('archive', { bucket: 'acme-media', endpoint: 'https://s3.eu-west-1.amazonaws.com' }),
    'sites.archive.bucket: found "acme-media", expected a place of its own: site aws is this one',
  ],
  [
    'one container by two spellings of an address',
    document(
      [route],
      {},
      {
        a: { ...sites['azure'], endpoint: 'http://127.0.0.1:10000/acmemedia' },
        b: { ...sites['azure'], endpoint: 'http://127.0.0.1:10000/acmemedia//' },
      },
    ),
    'sites.b.container: found "media", expected a place of its own: site a is this one',
  ],
  [
    'one container by an address that two accounts are said to have',
    document([route], {}, { again: { ...sites['gone'], endpoint: 'https://acmemedia.blob.core.windows.net' } }),
    'sites.again.container: found "media", expected a place of its own: site azure is this one',
  ],
  [
    'one bucket at a host whose name ends with a dot',
    document([route], {}, { again: { ...sites['cellar'], endpoint: 'https://s3.cellar.example.' } }),
    'sites.again.bucket: found "media", expected a place of its own: site cellar is this one',
  ],
  [
    'one bucket at a port of a host whose name ends with a dot',
    document(
      [route],
      {},
      {
        a: { ...sites['cellar'], endpoint: 'http://s3.cellar.example:9000' },
        b: { ...sites['cellar'], endpoint: 'http://s3.cellar.example.:9000/' },
      },
    ),
    'sites.b.bucket: found "media", expected a place of its own: site a is this one',
  ],
  [
    'a region of AWS with a letter missing',
    withSite('aws', { region: 'eu-centrl-1' }),
    'sites.aws.region: found "eu-centrl-1", expected a region of AWS such as "eu-central-1", or an "endpoint"',
  ],
  [
    'a zone for a region',
    withSite('aws', { region: 'eu-central-1a' }),
    'sites.aws.region: found "eu-central-1a", expected a region of AWS such as',
  ],
  [
    'a control bucket that is a site',
    withSite('aws', { control: 'acme-archive' }),
    'sites.aws.control: found "acme-archive", expected a place that is no site: site archive',
  ],
  [
    'no control bucket',
    document([route], {}, { aws: without(sites['aws'], 'control') }),
    'sites.aws.control: found nothing, expected a bucket beside the site’s own, where Isobar keeps what it must',
  ],
  [
    'no control container',
    document([route], {}, { azure: without(sites['azure'], 'control') }),
    'sites.azure.control: found nothing, expected a container beside',
  ],
  [
    'no region in AWS',
    document([route], {}, { aws: without(sites['aws'], 'region') }),
    'sites.aws.region: found nothing, expected a region of AWS such as "eu-central-1", or an "endpoint"',
  ],
  [
    'a stay rule for no site',
    document([route], { stay: [{ prefix: 'eu/', sites: ['awz'] }] }),
    'stay[0].sites[0]: found "awz", expected one of the sites: aws, azure, gcp, cellar, archive (did you mean "aws"',
  ],
  [
    'a stay rule for a site that left',
    document([route], { stay: [{ prefix: 'eu/', sites: ['aws', 'gone'] }] }),
    'stay[0].sites[1]: found "gone", expected a site that is not retired',
  ],
  [
    'a stay rule for no region',
    document([route], { stay: [{ prefix: 'eu/', regions: ['eu-west-2'] }] }),
    'stay[0].regions[0]: found "eu-west-2", expected one of the sites’ regions: eu-central-1, westeurope, us-east1, eu-west-1 (did you mean "eu-west-1"',
  ],
  [
    'a stay rule without keys',
    document([route], { stay: [{ sites: ['aws'] }] }),
    'stay[0]: found neither, expected either "prefix" or "include"',
  ],
  [
    'a stay rule with two kinds of keys',
    document([route], { stay: [{ prefix: 'eu/', include: ['eu/*'], sites: ['aws'] }] }),
    'stay[0]: found both, expected either "prefix" or "include"',
  ],
  [
    'a stay rule where no site has a region',
    {
      sites: { a: { ...sites['cellar'] }, b: { ...sites['cellar'], bucket: 'other' } },
      replicate: [{ id: 'r', from: 'a', to: ['b'] }],
      stay: [{ prefix: 'a', regions: ['eu'] }],
    },
    'stay[0].regions[0]: found "eu", expected one of the sites’ regions, of which there are none',
  ],
  [
    'a stay rule without a place',
    document([route], { stay: [{ prefix: 'eu/' }] }),
    'stay[0]: found neither, expected either "sites" or "regions"',
  ],
  [
    'a stay rule with both',
    document([route], { stay: [{ prefix: 'eu/', sites: ['aws'], regions: ['eu-west-1'] }] }),
    'stay[0]: found both, expected either "sites" or "regions"',
  ],
]

describe('a name that means nothing, or one thing twice, is refused', () => {
  refusesEach(mistakes)
})

const sound: readonly (readonly [what: string, document: Json])[] = [
  [
    'two accounts by two paths of one address',
    document(
      [route],
      {},
      {
        a: { ...sites['azure'], endpoint: 'http://127.0.0.1:1/acmemedia' },
        b: { ...sites['gone'], endpoint: 'http://127.0.0.1:1/acmeold' },
      },
    ),
  ],
  [
    'one bucket name at two ports of one host',
    document(
      [route],
      {},
      {
        a: { ...sites['cellar'], endpoint: 'http://s3.cellar.example:9000' },
        b: { ...sites['cellar'], endpoint: 'http://s3.cellar.example:9001' },
      },
    ),
  ],
  ['a control bucket for two sites', withSite('archive', { control: 'acme-isobar' })],
  ['a region of one’s own at an endpoint', withSite('cellar', { region: 'basement' })],
  ...[
    'us-east-1',
    'ap-northeast-3',
    'ap-southeast-7',
    'cn-northwest-1',
    'us-gov-west-1',
    'us-isob-east-1',
    'eu-isoe-west-1',
    'eusc-de-east-1',
    'mx-central-1',
    'af-south-1',
  ].map((region) => [`region ${region}`, withSite('aws', { region })] as const),
]

describe('names that differ in truth are accepted', () => {
  acceptsEach(sound)
})
