import { partitionOf } from './aws-region.ts'
import type { SiteDocument } from './document.ts'
import type { Site } from './model.ts'

const aws = /(?:^|\.)s3(?:-[a-z0-9-]+)?\.(?:dualstack\.)?(?:[a-z0-9-]+\.)?(?:vpce\.)?amazonaws\.(?:com|com\.cn|eu)$/
const google = /(?:^|\.)googleapis\.com$/
const azure =
  /^(?<account>[a-z0-9-]+)\.(?:privatelink\.)?(?<rest>(?:z\d+\.)?(?<service>[a-z]+)\.(?:core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn|cloudapi\.de)|storage\.azure\.net))$/

/** An address of Azure itself; a custom domain does not tell whose it is. */
export interface AzureAddress {
  readonly account: string
  readonly service: string
  /** One spelling for one account. */
  readonly host: string
}

export function azureAddress(host: string): AzureAddress | null {
  const { account, service, rest } = azure.exec(host)?.groups ?? {}
  return account === undefined || service === undefined ? null : { account, service, host: `${account}.${rest}` }
}

export function isGoogle(host: string): boolean {
  return google.test(host)
}

/** Whether a site is a bucket of AWS itself; a store of one's own behind one of its load balancers is not. */
export function isAws({ kind, endpoint }: Pick<SiteDocument | Site, 'kind' | 'endpoint'>): boolean {
  return kind === 's3' && (endpoint === undefined || endpoint === null || aws.test(addressOf(endpoint).host))
}

export type Cloud = 'aws' | 'azure' | 'gcp'

/** The cloud that the site lies in; `null` for a store of one's own, which knows no cloud's identities. */
export function cloudOf(site: Pick<SiteDocument | Site, 'kind' | 'endpoint'>): Cloud | null {
  const { kind, endpoint = null } = site
  if (kind === 's3') return isAws(site) ? 'aws' : null
  const host = endpoint === null ? null : addressOf(endpoint).host
  if (kind === 'gcs') return host === null || isGoogle(host) ? 'gcp' : null
  return host === null || azureAddress(host) !== null ? 'azure' : null
}

export interface Address {
  /** Without the dot that a complete name may end with. */
  readonly host: string
  /** Without a slash at its end; empty where there is none. */
  readonly path: string
}

export function addressOf(endpoint: string): Address {
  const { hostname, port, pathname } = new URL(endpoint)
  const host = hostname.replace(/\.$/, '') + (port === '' ? '' : `:${port}`)
  return { host, path: pathname.replace(/\/+$/, '') }
}

/**
 * The same text for the same place, however it was written: Cloud Storage is also reached through its S3 face, and a bucket may stand in the
 * host's name. Where a custom domain of Azure leads nobody can tell from its name.
 */
export function placeOf(site: SiteDocument, bucket: string): string {
  if (isAws(site)) return `${partitionOf(site.region ?? '')}/${bucket}`
  if (site.endpoint === undefined) {
    return site.kind === 'azure-blob' ? `${site.account}.blob.core.windows.net/${bucket}` : `google/${bucket}`
  }
  const { host, path } = addressOf(site.endpoint)
  if (site.kind === 'azure-blob') return `${azureAddress(host)?.host ?? host + path}/${bucket}`
  if (isGoogle(host)) return `google/${bucket}`
  return `${host.startsWith(`${bucket}.`) ? host.slice(bucket.length + 1) : host}${path}/${bucket}`
}

export function bucketOf(site: SiteDocument): string {
  return site.kind === 'azure-blob' ? site.container : site.bucket
}
