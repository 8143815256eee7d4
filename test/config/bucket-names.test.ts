import { describe, expect, it } from 'vitest'
import { document, issuesOf, route, sites } from './documents.ts'
import { refusesEach, withSite, type Mistake } from './refusals.ts'

const refused = (site: string, name: string, expected: string): readonly Mistake[] =>
  ['bucket', 'control'].map((field) => [
    `${name} as the ${field} of ${site}`,
    withSite(site, { [field]: name }),
    `sites.${site}.${field}: found "${name}", expected ${expected}`,
  ])

describe('a bucket name that its cloud does not give is refused', () => {
  refusesEach([
    ...refused('aws', 'a..b', 'a bucket name without two dots in a row'),
    ...refused('aws', '192.168.0.1', 'a bucket name that is no IP address'),
    ...refused('aws', 'xn--bcher-kva', 'a bucket name that does not begin with "xn--"'),
    ...refused('aws', 'sthree-media', 'a bucket name that does not begin with "xn--" or "sthree-"'),
    ...refused('aws', 'media-abc-s3alias', 'a bucket’s own name, not that of an access point'),
    ...refused('aws', 'media--ol-s3', 'a bucket’s own name, not that of an access point'),
    ...refused('aws', 'media.mrap', 'a bucket’s own name, not that of an access point'),
    ...refused('aws', 'media--euc1-az1--x-s3', 'a general purpose bucket: directory and table buckets'),
    ...refused('aws', 'media--table-s3', 'a general purpose bucket: directory and table buckets'),
    ...refused('gcp', 'a..b', 'a bucket name without two dots in a row'),
    ...refused('gcp', '192.168.0.1', 'a bucket name that is no IP address'),
    ...refused('gcp', 'goog-media', 'a bucket name that does not begin with "goog"'),
    ...refused('gcp', 'my-google-media', 'a bucket name without "google" in it'),
    ...refused('gcp', 'g00gle-media', 'a bucket name without "google" in it'),
    [
      'a name of AWS at an address of AWS',
      withSite('aws', { bucket: 'a..b', endpoint: 'https://s3.eu-central-1.amazonaws.com' }),
      'sites.aws.bucket: found "a..b", expected a bucket name without two dots in a row',
    ],
    ...refused('gcp', 'a'.repeat(64), 'a bucket name with at most 63 characters between dots'),
  ])
})

describe('a bucket name that is near to one of those is accepted', () => {
  it.each([
    ['aws', 'a.b'],
    ['aws', '192.168.0.1.example'],
    ['aws', '1921.168.0.1'],
    ['aws', 'media-xn--b'],
    ['aws', 'sthree'],
    ['aws', 's3alias'],
    ['aws', 'media-s3alias-2'],
    ['aws', 'media-x-s3'],
    ['aws', 'goog-media'],
    ['gcp', 'a.b'],
    ['gcp', 'good-media'],
    ['gcp', 'my-goog'],
    ['gcp', 'goo-gle'],
    ['aws', 'my-google-media'],
    ['gcp', 'xn--bcher-kva'],
    ['gcp', `${'a'.repeat(63)}.example`],
    ['cellar', 'a..b'],
    ['cellar', '192.168.0.1'],
  ])('at %s: %s', (site, name) => {
    expect(issuesOf(withSite(site, { bucket: name }))).toEqual([])
    expect(issuesOf(document([route], {}, { [site]: { ...sites[site], control: name } }))).toEqual([])
  })
})
