import { describe, expect, it } from 'vitest'
import { show } from '#shared/config/show.ts'
import { document, issuesOf, route, sites } from './documents.ts'
import { refusesEach, withRoute, withSite, type Mistake } from './refusals.ts'

const mistakes: readonly Mistake[] = [
  ['no object at all', [1], '(the whole document): found a list of 1, expected an object'],
  ['no sites', { replicate: [route] }, 'sites: found nothing, expected an object of sites by their ids'],
  ['no rules', { sites }, 'replicate: found nothing, expected a list of 1 to 500 groups and routes'],
  [
    'an empty list of rules',
    document([]),
    'replicate: found an empty list, expected a list of 1 to 500 groups and routes',
  ],
  [
    'a misspelt field at the top',
    document([route], { paussed: true }),
    'paussed: found an unknown field, expected one of the fields: $schema, sites, replicate, stay, guards, federation, paused (did you mean "paused"',
  ],
  [
    'a misspelt field of a site',
    withSite('aws', { regoin: 'eu' }),
    'sites.aws.regoin: found an unknown field, expected one of the fields (did you mean "region"?)',
  ],
  [
    'a misspelt field of a route',
    withRoute({ delete: true }),
    'replicate[1].delete: found an unknown field, expected one of the fields (did you mean "deletes"',
  ],
  [
    'a site id in capitals',
    document([route], {}, { AWS: sites['aws'] ?? null }),
    'sites.AWS: found "AWS", expected an id: 1 to 24 lower-case',
  ],
  [
    'a site that is a name',
    document([route], {}, { aws: 'acme-media' }),
    'sites.aws: found "acme-media", expected an object',
  ],
  [
    'a site without a kind',
    withSite('aws', { kind: null }),
    'sites.aws.kind: found null, expected one of "s3", "azure-blob", "gcs"',
  ],
  [
    'a kind that there is not',
    withSite('aws', { kind: 'gs' }),
    'sites.aws.kind: found "gs", expected one of "s3", "azure-blob", "gcs"',
  ],
  [
    'a field of another kind',
    withSite('aws', { account: 'acme' }),
    'sites.aws.account: found an unknown field, expected one of the fields',
  ],
  [
    'a bucket name in capitals',
    withSite('aws', { bucket: 'Media' }),
    'sites.aws.bucket: found "Media", expected a bucket name: 3 to 63',
  ],
  [
    'a container with two hyphens',
    withSite('azure', { container: 'a--b' }),
    'sites.azure.container: found "a--b", expected a container name: 3 to 63 lower-case letters, digits and single',
  ],
  ...['container', 'control'].map((field): Mistake => [
    `the container that has no folders, as ${field}`,
    withSite('azure', { [field]: '$root' }),
    `sites.azure.${field}: found "$root", expected another container than "$root": Azure allows no "/" in the names`,
  ]),
  [
    'an account with a hyphen',
    withSite('azure', { account: 'a-b-c' }),
    'sites.azure.account: found "a-b-c", expected a storage account: 3 to 24 lower-case letters and',
  ],
  [
    'a region with a space',
    withSite('azure', { region: 'West Europe' }),
    'sites.azure.region: found "West Europe", expected a region',
  ],
  [
    'a day that there is not',
    withSite('aws', { joined: '2026-02-30' }),
    'sites.aws.joined: found "2026-02-30", expected a date',
  ],
  [
    'a time without a zone',
    withSite('aws', { joined: '2026-02-03T10:00:00' }),
    'sites.aws.joined: found "2026-02-03T10:00:00", expected a date, such as "2026-11-03", or a date with time and zone',
  ],
  [
    'a year to come',
    withSite('aws', { joined: '2999-01-01' }),
    'sites.aws.joined: found "2999-01-01", expected a date of the years 2000 to 2099',
  ],
  [
    'a year before there were buckets',
    withSite('aws', { joined: '0001-01-01T00:00:00Z' }),
    'sites.aws.joined: found "0001-01-01T00:00:00Z", expected a date of the years 2000 to 2099',
  ],
  [
    'a memory of a site that keeps no versions',
    withSite('cellar', { retentionDays: 30 }),
    'sites.cellar.retentionDays: found 30, expected nothing: the site keeps no versions',
  ],
  [
    'a memory of a site in folders',
    withSite('gcp', { hierarchicalNamespace: true, retentionDays: 14 }),
    'sites.gcp.retentionDays: found 14, expected nothing: the site keeps no versions',
  ],
  [
    'a role of Azure by name',
    withSite('azure', { role: 'x' }),
    'sites.azure.role: found "x", expected an object with the ids of a "tenant" and of a "client"',
  ],
  [
    'a role of AWS by name',
    withSite('aws', { role: 'x' }),
    'sites.aws.role: found "x", expected the ARN of a role, such as "arn:aws:iam::123456789012:role/isobar"',
  ],
  ['a flag as a word', withSite('aws', { retired: 'yes' }), 'sites.aws.retired: found "yes", expected true or false'],
  [
    'a role that is a user',
    withSite('aws', { role: 'arn:aws:iam::1:user/x' }),
    'sites.aws.role: found "arn:aws:iam::1:user/x", expected the ARN of a role',
  ],
  [
    'a role without a client',
    withSite('azure', { role: {} }),
    'sites.azure.role.client: found nothing, expected the id of the application',
  ],
  [
    'an account that is a person',
    withSite('gcp', { role: 'me@example.com' }),
    'sites.gcp.role: found "me@example.com", expected a service account',
  ],
  [
    'a provider by the name of its pool',
    withSite('gcp', { providers: { aws: 'isobar' } }),
    'sites.gcp.providers.aws: found "isobar", expected a provider, such as "projects/123456789012/',
  ],
  [
    'providers for nobody',
    withSite('gcp', { providers: {} }),
    'sites.gcp.providers: found an empty object, expected a provider for "aws", "azure" or both',
  ],
  [
    'an application by its secret',
    document([route], { federation: { azure: 'isobar' } }),
    'federation.azure: found "isobar", expected the identifier of an application of your tenant, such as "api://isobar"',
  ],
  [
    'a role at a store of one’s own',
    withSite('cellar', { role: 'arn:aws:iam::123456789012:role/isobar' }),
    'sites.cellar.role: found "arn:aws:iam::123456789012:role/isobar", expected nothing: a store of your own is reached by credentials in the environment',
  ],
  [
    'providers at a store of one’s own',
    withSite('gcp', {
      endpoint: 'http://127.0.0.1:4443',
      providers: { aws: 'projects/1/locations/global/workloadIdentityPools/isobar/providers/functions' },
    }),
    'sites.gcp.providers: found an object, expected nothing: a store of your own',
  ],
  [
    'an endpoint that is a host',
    withSite('gcp', { endpoint: 'localhost:4443' }),
    'sites.gcp.endpoint: found "localhost:4443", expected an http:// or https:// address',
  ],
  [
    'an endpoint that is a number',
    withSite('gcp', { endpoint: 5 }),
    'sites.gcp.endpoint: found 5, expected an http:// or https:// address',
  ],
  ...['https://minio.example:99999', 'https://minio.example:port/base', 'HTTP://[::1]:65536'].map(
    (endpoint): Mistake => [
      `an endpoint at a port that there is not: ${endpoint}`,
      withSite('cellar', { endpoint }),
      `sites.cellar.endpoint: found "${endpoint}", expected an address with a port of 1 to 65535`,
    ],
  ),
  ...[
    ' https://minio.example',
    'https://minio.example ',
    'https://mi nio.example',
    'https://minio.example/a\u200bb',
  ].map((endpoint): Mistake => [
    `an endpoint with what does not belong there: ${JSON.stringify(endpoint)}`,
    withSite('cellar', { endpoint }),
    `sites.cellar.endpoint: found ${show(endpoint)}, expected an address without blanks, line breaks, backslashes and what cannot be seen`,
  ]),
  ...['https://', 'https://:9000', 'https://[::1', 'https://256.256.256.256'].map((endpoint): Mistake => [
    `an endpoint without a host: ${endpoint}`,
    withSite('cellar', { endpoint }),
    `sites.cellar.endpoint: found "${endpoint}", expected an address with the name or number of a host`,
  ]),
  [
    'an endpoint with a password',
    withSite('gcp', { endpoint: 'https://u:p@gcs.example?x' }),
    'sites.gcp.endpoint: found an address with "@", "?" or "#", not shown because it may hold a secret, expected an address without credentials',
  ],
  [
    'an endpoint by ftp',
    withSite('azure', { endpoint: 'ftp://blob' }),
    'sites.azure.endpoint: found "ftp://blob", expected an http:// or https:// address',
  ],
  [
    'a query in an endpoint',
    withSite('aws', { endpoint: 'https://s3?x=1' }),
    'sites.aws.endpoint: found an address with "@", "?" or "#", not shown because it may hold a secret, expected an address that ends with',
  ],
  [
    'a namespace in folders',
    withSite('azure', { hierarchicalNamespace: true }),
    'sites.azure.hierarchicalNamespace: found true, expected false:',
  ],
  [
    'no memory at all',
    withSite('aws', { retentionDays: 0 }),
    'sites.aws.retentionDays: found 0, expected a whole number of days, 1 to 36500',
  ],
]

describe('a site of the wrong shape is refused', () => {
  refusesEach(mistakes)

  it.each([
    ['a day of the first year', 'aws', { joined: '2000-01-01' }],
    ['the last moment', 'aws', { joined: '2099-12-31T23:59:59Z' }],
    ['a memory where there are versions', 'cellar', { versioned: true, retentionDays: 1 }],
    ['no memory where there are none', 'gcp', { hierarchicalNamespace: true }],
  ])('and nothing near to one of these: %s', (_what, site, changes) => {
    expect(issuesOf(withSite(site, changes))).toEqual([])
  })
})
