import * as z from 'zod'
import type { Config } from '#shared/config/model.ts'
import { ruleId, type RuleId } from '#shared/kernel/ids.ts'
import { parseKey, type Key } from '#shared/kernel/key.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'
import { ownMessage } from '#functions/message.ts'
import { instant, type Notice, parse, parseJson, refuse } from '#functions/notice.ts'
import { siteOfContainer } from './config.ts'

const kinds = { 'Microsoft.Storage.BlobCreated': 'created', 'Microsoft.Storage.BlobDeleted': 'deleted' } as const

const account = /\/providers\/Microsoft\.Storage\/storageAccounts\/([a-z0-9-]+)$/i
/** One of the samples has no slash in front. */
const blob = /^\/?blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/s

/** Event Grid's own schema. https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage */
const schema = z.object({
  topic: z.string('a storage account').regex(account, 'the resource id of a storage account'),
  subject: z.string('a blob').regex(blob, '/blobServices/default/containers/CONTAINER/blobs/NAME'),
  eventType: z.enum(
    ['Microsoft.Storage.BlobCreated', 'Microsoft.Storage.BlobDeleted'],
    '"Microsoft.Storage.BlobCreated" or "Microsoft.Storage.BlobDeleted"',
  ),
  eventTime: instant,
  // Neither the ETag nor anything else in it names the version in the words of a stamp.
  data: z.object({ clientRequestId: z.string('a text').optional() }, 'an object'),
})

/**
 * One entry of a Storage Queue: an event that Event Grid put there, or a message of our own. The host has taken the base64 off
 * and the library has parsed the JSON; a host set to `messageEncoding: none` leaves both to us.
 */
export function noticeOf(entry: unknown, config: Config): Notice {
  const value = typeof entry === 'string' ? parseJson(Buffer.from(entry, 'base64').toString(), 'message') : entry
  const own = ownMessage(value)
  if (own !== null) return { message: own }
  const { topic, subject, eventType, eventTime, data } = parse(schema, value)
  const accountName = account.exec(topic)?.[1] ?? ''
  const [, container = '', name = ''] = blob.exec(subject) ?? []
  const site = siteOfContainer(config, accountName, container) ?? foreign(config, topic, accountName, subject)
  if (name.includes('\uFFFD')) {
    const why = 'Event Grid lost a character of the key; reconcile will find the object'
    return { passedOver: { site: site.id, key: name, why } }
  }
  const event: ObjectEvent = {
    site: site.id,
    key: keyOf(name, subject),
    kind: kinds[eventType],
    id: null,
    timeMs: eventTime,
    writtenFor: writerOf(data.clientRequestId),
    byUser: null,
  }
  return { message: { kind: 'event', event } }
}

function foreign(config: Config, topic: string, accountName: string, subject: string): never {
  const known = [...config.sites.values()].some((site) => site.kind === 'azure-blob' && site.account === accountName)
  if (!known) refuse('topic', topic, 'the storage account of a site')
  refuse('subject', subject, 'a blob in the container of a site')
}

function keyOf(name: string, subject: string): Key {
  try {
    return parseKey(name)
  } catch {
    refuse('subject', subject, 'a blob whose name is a key: 1 to 1,024 bytes of well-formed Unicode')
  }
}

/**
 * The rule that wrote, from the request id that our driver sends: `isobar-RULE-NONCE`. For that rule alone the event is an echo;
 * replication compares, so for every other rule that starts here it stays news.
 */
function writerOf(requestId: string | undefined): RuleId | null {
  const written = /^isobar-([a-z][a-z0-9-]{0,23})-[0-9a-z]+$/.exec(requestId ?? '')?.[1]
  return written === undefined ? null : ruleId(written)
}
