import { awsRegions, isAwsRegion } from './aws-region.ts'
import { unfitName } from './bucket-name.ts'
import { checkEndpoint } from './check-endpoints.ts'
import { keepsVersions, type ConfigDocument, type SiteDocument } from './document.ts'
import { issue, type ConfigIssue, type Place } from './issue.ts'
import { hinted } from './nearest.ts'
import { bucketOf, cloudOf, isAws, placeOf } from './place.ts'
import { show } from './show.ts'

/** What one site needs of itself, and that no two are the same place. */
export function checkSites({ sites }: ConfigDocument): readonly ConfigIssue[] {
  const all = Object.entries(sites)
  return [...all.flatMap(([id, site]) => checkSite(['sites', id], site)), ...checkPlaces(all)]
}

function checkSite(place: Place, site: SiteDocument): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = [
    ...checkRegion(site, place),
    ...checkEndpoint(site, place),
    ...checkIdentity(site, place),
  ]
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

/** What is said of an identity that no one will ask for would pass for one. */
function checkIdentity(site: SiteDocument, place: Place): readonly ConfigIssue[] {
  if (cloudOf(site) !== null) return []
  const expected = 'nothing: a store of your own is reached by credentials in the environment'
  const said = [['role', site.role] as const, ['providers', site.kind === 'gcs' ? site.providers : undefined] as const]
  return said.flatMap(([field, value]) =>
    value === undefined ? [] : [issue([...place, field], show(value), expected)],
  )
}

/** A store of one's own names its region as it likes, or not at all. */
function checkRegion(site: SiteDocument, place: Place): readonly ConfigIssue[] {
  const expected = isAws(site) ? unfitForAws(site) : site.endpoint === undefined ? unfitForOthers(site) : null
  return expected === null ? [] : [issue([...place, 'region'], show(site.region), expected)]
}

function unfitForAws({ region = '' }: SiteDocument): string | null {
  const expected = 'a region of AWS such as "eu-central-1", or an "endpoint" for a store that is not there'
  return isAwsRegion(region) ? null : hinted(expected, awsRegions, region)
}

/** By their forms: Azure writes no hyphens, and what Google writes after a region's number is a zone. */
function unfitForOthers({ kind, region }: SiteDocument): string | null {
  if (region === undefined) return null
  if (kind === 'azure-blob') return /^[a-z]+[0-9]?$/.test(region) ? null : 'a region of Azure such as "westeurope"'
  const fits = /^(?:[a-z]+-[a-z]+[0-9]{1,2}|[a-z]+[0-9]?)$/.test(region)
  return fits ? null : 'a location of Cloud Storage such as "europe-west3" or "eu": a region, not one of its zones'
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

function fieldOf(site: SiteDocument): string {
  return site.kind === 'azure-blob' ? 'container' : 'bucket'
}
