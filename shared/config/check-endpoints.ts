import { regionInHost } from './aws-region.ts'
import type { AzureDocument, SiteDocument } from './document.ts'
import { issue, type ConfigIssue, type Place } from './issue.ts'
import { addressOf, azureAddress, bucketOf, isAws, isGoogle } from './place.ts'
import { show, showAddress } from './show.ts'

/** Such an address is in no region: it takes an object in wherever its writer is, and has the bucket in its host. */
const accelerating = /(?:^|\.)s3-accelerate\./

/** That an address of a cloud is the one of the site, its account and its region, with no bucket in it yet, and is safe to use. Of other addresses nothing is known. */
export function checkEndpoint(site: SiteDocument, above: Place): readonly ConfigIssue[] {
  if (site.endpoint === undefined) return []
  const { host, path } = addressOf(site.endpoint)
  const expected =
    (site.kind === 'azure-blob' ? ofAccount(site, host) : ofBuckets(site, host)) ??
    (path !== '' && isCloud(site, host) ? 'an address that ends with its host: the bucket is added to it' : null) ??
    (isOpen(site.endpoint, host) && isCloud(site, host)
      ? 'an https:// address: on its way to a cloud anybody can read http://'
      : null)
  return expected === null ? [] : [issue([...above, 'endpoint'], showAddress(site.endpoint), expected)]
}

function isCloud(site: SiteDocument, host: string): boolean {
  return site.kind === 'azure-blob' ? azureAddress(host) !== null : isAws(site) || isGoogle(host)
}

/** Private links end in a network of one's own, where it may be done so. */
function isOpen(endpoint: string, host: string): boolean {
  return /^http:/i.test(endpoint) && !/\.(?:vpce|privatelink)\./.test(host)
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
  if (!isAws(site) || site.region === undefined) return null
  const region = regionInHost(host)
  const elsewhere = region === null ? accelerating.test(host) : region !== site.region
  return elsewhere ? `an address in the site’s region, ${show(site.region)}` : null
}

/** A bucket named `bucket` is told apart from the word that an address of a private link begins with. */
function standsBefore(bucket: string, host: string): boolean {
  return host.startsWith(`${bucket}.`) && /^(?:s3|storage)[.-]/.test(host.slice(bucket.length + 1))
}
