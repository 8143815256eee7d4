import { regionInHost } from './aws-region.ts'
import type { AzureDocument, SiteDocument } from './document.ts'
import { issue, type ConfigIssue, type Place } from './issue.ts'
import { addressOf, azureAddress, bucketOf, isAws, isGoogle } from './place.ts'
import { show, showAddress } from './show.ts'

/** That an address of a cloud is the one of the site: its account, its region, and not yet a bucket in it. Of other addresses nothing is known. */
export function checkEndpoint(site: SiteDocument, above: Place): readonly ConfigIssue[] {
  if (site.endpoint === undefined) return []
  const { host, path } = addressOf(site.endpoint)
  const expected =
    (site.kind === 'azure-blob' ? ofAccount(site, host) : ofBuckets(site, host)) ??
    (path !== '' && isCloud(site, host) ? 'an address that ends with its host: the bucket is added to it' : null)
  return expected === null ? [] : [issue([...above, 'endpoint'], showAddress(site.endpoint), expected)]
}

function isCloud(site: SiteDocument, host: string): boolean {
  return site.kind === 'azure-blob' ? azureAddress(host) !== null : isAws(site) || isGoogle(host)
}

function ofAccount({ account }: AzureDocument, host: string): string | null {
  const address = azureAddress(host)
  if (address === null || (address.account === account && address.service === 'blob')) return null
  return `the blob service of the site’s account, such as "https://${account}.blob.core.windows.net"`
}

function ofBuckets(site: SiteDocument, host: string): string | null {
  if (!isCloud(site, host)) return null
  const named = [bucketOf(site), site.control].find((name) => name !== undefined && standsBefore(name, host))
  if (named !== undefined) return `the address without ${show(named)}: the bucket is added to it`
  const region = isAws(site) ? regionInHost(host) : null
  if (region === null || region === (site.region ?? region)) return null
  return `an address in the site’s region, ${show(site.region)}`
}

/** A bucket named `bucket` is told apart from the word that an address of a private link begins with. */
function standsBefore(bucket: string, host: string): boolean {
  return host.startsWith(`${bucket}.`) && /^(?:s3|storage)[.-]/.test(host.slice(bucket.length + 1))
}
