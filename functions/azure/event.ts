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

const aboutBlob = z.string('a blob').regex(blob, '/blobServices/default/containers/CONTAINER/blobs/NAME')
const kindName = z.enum(
  ['Microsoft.Storage.BlobCreated', 'Microsoft.Storage.BlobDeleted'],
  '"Microsoft.Storage.BlobCreated" or "Microsoft.Storage.BlobDeleted"',
)
const accountResource = z.string('a storage account').regex(account, 'the resource id of a storage account')
// Neither the ETag nor anything else in it names the version in the words of a stamp.
const details = z.object({ clientRequestId: z.string('a text').optional() }, 'an object')

/** Event Grid's own schema. https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage */
const gridEvent = z.object({
  topic: accountResource,
  subject: aboutBlob,
  eventType: kindName,
  eventTime: instant,
  data: details,
})

/** The schema that a subscription may ask for instead. https://learn.microsoft.com/azure/event-grid/cloud-event-schema */
const cloudEvent = z.object({
  source: accountResource,
  subject: aboutBlob,
  type: kindName,
  time: instant,
  data: details,
})

/** What both schemas tell, and by which name each calls the account. */
interface Told {
  readonly field: 'topic' | 'source'
  readonly resource: string
  readonly subject: string
  readonly kind: keyof typeof kinds
  readonly timeMs: number
  readonly clientRequestId: string | undefined
}

/**
 * One entry of a Storage Queue: an event that Event Grid put there, or a message of our own. The host has taken the base64 off
 * and the library has parsed the JSON; a host set to `messageEncoding: none` leaves both to us. Or the event itself, as a trigger of
 * Event Grid hands it over.
 */
export function noticeOf(entry: unknown, config: Config): Notice {
  const value = typeof entry === 'string' ? parseJson(Buffer.from(entry, 'base64').toString(), 'message') : entry
  const own = ownMessage(value)
  if (own !== null) return { message: own }
  const { field, resource, subject, kind, timeMs, clientRequestId } = toldBy(value)
  const accountName = account.exec(resource)?.[1] ?? ''
  const [, container = '', name = ''] = blob.exec(subject) ?? []
  const site =
    siteOfContainer(config, accountName, container) ?? foreign(config, { field, resource, accountName, subject })
  if (name.includes('\uFFFD')) {
    const why = 'Event Grid lost a character of the key; reconcile will find the object'
    return { passedOver: { site: site.id, key: name, why } }
  }
  const event: ObjectEvent = {
    site: site.id,
    key: keyOf(name, subject),
    kind: kinds[kind],
    id: null,
    timeMs,
    writtenFor: writerOf(clientRequestId),
    byUser: null,
  }
  return { message: { kind: 'event', event } }
}

function toldBy(value: unknown): Told {
  if (typeof value === 'object' && value !== null && 'specversion' in value) {
    const { source, subject, type, time, data } = parse(cloudEvent, value)
    return {
      field: 'source',
      resource: source,
      subject,
      kind: type,
      timeMs: time,
      clientRequestId: data.clientRequestId,
    }
  }
  const { topic, subject, eventType, eventTime, data } = parse(gridEvent, value)
  return {
    field: 'topic',
    resource: topic,
    subject,
    kind: eventType,
    timeMs: eventTime,
    clientRequestId: data.clientRequestId,
  }
}

function foreign(
  config: Config,
  { field, resource, accountName, subject }: Pick<Told, 'field' | 'resource' | 'subject'> & { accountName: string },
): never {
  const known = [...config.sites.values()].some((site) => site.kind === 'azure-blob' && site.account === accountName)
  if (!known) refuse(field, resource, 'the storage account of a site')
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
