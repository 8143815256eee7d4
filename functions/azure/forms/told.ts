import type { Config } from '#shared/config/model.ts'
import { ruleId, type RuleId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'
import { type Notice, refuse } from '#functions/notice.ts'
import { siteOfContainer } from '#azure/config.ts'
import { keyOf } from '#azure/drivers/names.ts'

/** What Azure tells of a blob, in either schema of its events. */
export interface Told {
  /** The resource id of the storage account, and by which name the schema calls it. */
  readonly resource: string
  readonly field: 'topic' | 'source'
  readonly subject: string
  readonly type: 'Microsoft.Storage.BlobCreated' | 'Microsoft.Storage.BlobDeleted'
  readonly timeMs: number
  /** Of whoever asked for the change, where it said one. */
  readonly requestId: string | null
}

export const accountId: RegExp = /\/providers\/Microsoft\.Storage\/storageAccounts\/([a-z0-9-]+)$/i
/** One of the samples has no slash in front. */
export const blobPath: RegExp = /^\/?blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/s

const kinds = { 'Microsoft.Storage.BlobCreated': 'created', 'Microsoft.Storage.BlobDeleted': 'deleted' } as const

export function noticeOf(told: Told, config: Config): Notice {
  const { resource, subject, type, timeMs, requestId } = told
  const account = accountId.exec(resource)?.[1] ?? ''
  const [, container = '', name = ''] = blobPath.exec(subject) ?? []
  const site = siteOfContainer(config, account, container) ?? foreign(config, told, account)
  if (name.includes('\uFFFD')) {
    const why = 'Event Grid lost a character of the key; reconcile will find the object'
    return { passedOver: { site: site.id, key: name, why } }
  }
  const event: ObjectEvent = {
    site: site.id,
    key: keyIn(subject, name),
    kind: kinds[type],
    // Neither the ETag nor anything else in it names the version in the words of a stamp.
    id: null,
    timeMs,
    writtenFor: writerOf(requestId),
    byUser: null,
  }
  return { message: { kind: 'event', event } }
}

function foreign(config: Config, { field, resource, subject }: Told, account: string): never {
  const isKnown = [...config.sites.values()].some((site) => site.kind === 'azure-blob' && site.account === account)
  if (!isKnown) refuse(field, resource, 'the storage account of a site')
  refuse('subject', subject, 'a blob in the container of a site')
}

/** A key that Azure would mangle lies under another name, and its events tell that. */
function keyIn(subject: string, name: string): Key {
  return (
    keyOf(name) ?? refuse('subject', subject, 'a blob whose name is a key: 1 to 1,024 bytes of well-formed Unicode')
  )
}

/**
 * The rule that wrote, from the request id that our driver sends: `isobar-RULE-NONCE`. For that rule alone the event is an echo;
 * replication compares, so for every other rule that starts here it stays news.
 */
function writerOf(requestId: string | null): RuleId | null {
  const written = /^isobar-([a-z][a-z0-9-]{0,23})-[0-9a-z]+$/.exec(requestId ?? '')?.[1]
  return written === undefined ? null : ruleId(written)
}
