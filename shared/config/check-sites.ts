import { unfitName } from './bucket-name.ts'
import { keepsVersions, type ConfigDocument, type SiteDocument } from './document.ts'
import { issue, type ConfigIssue, type Place } from './issue.ts'
import { show } from './show.ts'

/** Area, perhaps a partition or country, direction, number: `eu-central-1`, `us-gov-west-1`. A letter more would be a zone. */
const awsRegion = /^[a-z]{2,4}(-[a-z]{2,4})?-(central|north|south|(north|south)?(east|west))-\d{1,2}$/

/** What one site needs of itself, and that no two are the same place. */
export function checkSites({ sites }: ConfigDocument): readonly ConfigIssue[] {
  const all = Object.entries(sites)
  return [...all.flatMap(([id, site]) => checkSite(['sites', id], site)), ...checkPlaces(all)]
}

function checkSite(place: Place, site: SiteDocument): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = []
  if (site.kind === 's3' && site.endpoint === undefined && !awsRegion.test(site.region ?? '')) {
    const expected = 'a region of AWS such as "eu-central-1", or an "endpoint" for a store that is not there'
    issues.push(issue([...place, 'region'], show(site.region), expected))
  }
  for (const [field, name] of [[fieldOf(site), bucketOf(site)] as const, ['control', site.control] as const]) {
    const expected = name === undefined ? null : unfitName(site, name)
    if (expected !== null) issues.push(issue([...place, field], show(name), expected))
  }
  if (site.retentionDays !== undefined && !keepsVersions(site)) {
    issues.push(issue([...place, 'retentionDays'], show(site.retentionDays), 'nothing: the site keeps no versions'))
  }
  if (site.control === undefined && !site.retired) {
    const what = site.kind === 'azure-blob' ? 'a container' : 'a bucket'
    issues.push(
      issue(
        [...place, 'control'],
        'nothing',
        `${what} beside the site’s own, where Isobar keeps what it must remember`,
      ),
    )
  }
  return issues
}

/** One bucket under two ids would be copied onto itself; a control bucket that is a site would replicate Isobar's own notes. */
function checkPlaces(sites: readonly (readonly [string, SiteDocument])[]): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = []
  const owners = new Map<string, string>()
  for (const [id, site] of sites) {
    const name = bucketOf(site)
    const where = placeOf(site, name)
    const owner = owners.get(where)
    if (owner === undefined) owners.set(where, id)
    else issues.push(issue(['sites', id, fieldOf(site)], show(name), `a place of its own: site ${owner} is this one`))
  }
  for (const [id, site] of sites) {
    const owner = site.control === undefined ? undefined : owners.get(placeOf(site, site.control))
    if (owner === undefined) continue
    issues.push(
      issue(['sites', id, 'control'], show(site.control), `a place that is no site: site ${owner} is this one`),
    )
  }
  return issues
}

function bucketOf(site: SiteDocument): string {
  return site.kind === 'azure-blob' ? site.container : site.bucket
}

function fieldOf(site: SiteDocument): string {
  return site.kind === 'azure-blob' ? 'container' : 'bucket'
}

/**
 * The same text for the same place, however it was written: Cloud Storage is also reached through its S3 face,
 * and Azure's endpoint is one account's address, whatever `account` says.
 */
function placeOf(site: SiteDocument, bucket: string): string {
  return `${site.endpoint === undefined ? ownHost(site) : hostOf(site.endpoint)}/${bucket}`
}

function ownHost(site: SiteDocument): string {
  if (site.kind === 's3') return 'amazonaws.com'
  return site.kind === 'gcs' ? 'storage.googleapis.com' : `${site.account}.blob.core.windows.net`
}

/** All regions of AWS have one namespace: one host stands for all. A dot at a name's end says that it is whole. */
function hostOf(endpoint: string): string {
  const { host, hostname, pathname } = new URL(endpoint)
  if (/\.amazonaws\.com(\.cn)?\.?$/.test(hostname)) return 'amazonaws.com'
  return host.replace(/\.(?=:|$)/, '') + pathname.replace(/\/+$/, '')
}
