import type { Answer } from '#local/servers/http/answer.ts'
import { type Call, httpDate, quoted, said, saidInXml } from './calls.ts'
import { containerRecord } from './containers.ts'
import { maxResultsOf } from './list-query.ts'
import { bucketName } from './names.ts'
import { attribute, element, prolog, text } from './xml.ts'

/** Get Account Information. */
export function accountInformation({ account }: Call): Answer {
  return said(200, {
    'x-ms-sku-name': 'Standard_LRS',
    'x-ms-account-kind': 'StorageV2',
    'x-ms-is-hns-enabled': String(account.hierarchical),
  })
}

/** Get Blob Service Properties: soft delete is told here, versioning nowhere. */
export function serviceProperties({ account: { softDeleteDays } }: Call): Answer {
  const retention =
    softDeleteDays === null
      ? '<Enabled>false</Enabled>'
      : `<Enabled>true</Enabled>${element('Days', String(softDeleteDays))}<AllowPermanentDelete>true</AllowPermanentDelete>`
  return saidInXml(
    `${prolog}${element('StorageServiceProperties', `<Cors />${element('DeleteRetentionPolicy', retention)}`)}`,
  )
}

const pageMax = 5000

/** List Containers. */
export function listContainers(call: Call): Answer {
  const { account, query, service } = call
  const prefix = query.get('prefix') ?? ''
  const marker = query.get('marker') ?? ''
  const maxResults = maxResultsOf(query.get('maxresults'))
  const include = (query.get('include') ?? '').toLowerCase().split(',')
  const folder = bucketName(account.name, '')
  const names = service.engine
    .buckets()
    .filter(({ name, attributes }) => name.startsWith(`${folder}${prefix}`) && attributes['deleting'] !== true)
    .map(({ name }) => name.slice(folder.length))
    .filter((name) => name >= marker)
    .toSorted()
  const max = Math.min(maxResults ?? pageMax, pageMax)
  const containers = names.slice(0, max).map((name) => containerElement(call, name, include.includes('metadata')))
  const inner = [
    prefix === '' ? '' : element('Prefix', text(prefix)),
    marker === '' ? '' : element('Marker', text(marker)),
    maxResults === null ? '' : element('MaxResults', String(maxResults)),
    element('Containers', containers.join('')),
    element('NextMarker', text(names[max] ?? '')),
  ]
  const endpoint = attribute(`${service.origin()}/${account.name}/`)
  return saidInXml(`${prolog}<EnumerationResults ServiceEndpoint="${endpoint}">${inner.join('')}</EnumerationResults>`)
}

function containerElement({ account, service }: Call, name: string, withMetadata: boolean): string {
  const bucket = service.engine.bucket(bucketName(account.name, name))!
  const { etag, modifiedMs, metadata } = containerRecord(bucket)
  const properties = [
    element('Last-Modified', httpDate(modifiedMs)),
    element('Etag', text(quoted(etag))),
    '<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>',
    '<HasImmutabilityPolicy>false</HasImmutabilityPolicy>',
    element('HasLegalHold', String(bucket.attributes['held'] === true)),
  ]
  const shown = Object.entries(metadata).map(([key, value]) => element(key, text(value)))
  const more = withMetadata ? element('Metadata', shown.join('')) : ''
  return element('Container', `${element('Name', name)}${element('Properties', properties.join(''))}${more}`)
}
