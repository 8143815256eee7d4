import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { cloudEvent } from '@google-cloud/functions-framework'
import { getTestServer } from '@google-cloud/functions-framework/testing'
import { objectChanged } from '#gcp/triggers/object-changed.ts'
import { recorded } from '#test/functions/recorded.ts'
import type { Happening, StartHost } from './host.ts'

/** A CloudEvent of the bucket's own, in either form; or what the bucket tells a topic, by Eventarc or as its subscription pushes it. */
export type Form = 'binary' | 'structured' | 'published' | 'pushed'

let hosts = 0

/** The functions framework behind Eventarc: attributes in headers and data in the body, or both in the body. */
export function gcp(form: Form): StartHost {
  return async (world) => {
    const name = `object-changed-${hosts++}`
    cloudEvent(name, objectChanged(world.work))
    const server = getTestServer(name).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const event = form === 'pushed' || form === 'published' ? notification(form) : storageEvent
    return {
      cloud: 'gcp',
      created: (happening) => event('finalized', happening),
      deleted: (happening) => event('archived', happening),
      own: (message) => {
        const data = Buffer.from(JSON.stringify(message)).toString('base64')
        return recorded('gcp-message-published', { data: { message: { data } } })
      },
      garbled: () => recorded('gcp-message-published', { data: { message: { data: 'eyJraW5kIjo=' } } }),
      foreign: (happening) => event('finalized', happening, 'not-ours'),
      irrelevant: (happening) => event('deleted', happening),
      deliver: (...events) =>
        Promise.all(
          events.map(async (event) => {
            const response = await fetch(url, request(form, event as Readonly<Record<string, unknown>>))
            await response.arrayBuffer()
            return response.ok ? ('done' as const) : ('back' as const)
          }),
        ),
      fields:
        form === 'pushed' || form === 'published'
          ? {
              garbled: 'data.message.data',
              bucket: 'data.message.attributes.bucketId',
              key: 'data.message.attributes.objectId',
            }
          : { garbled: 'data.message.data', bucket: 'data.bucket', key: 'data.name' },
      close: async () => {
        server.close()
        await once(server, 'close')
      },
    }
  }
}

/** See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md */
function request(form: Form, event: Readonly<Record<string, unknown>>): RequestInit {
  if (form === 'structured') {
    return { method: 'POST', headers: { 'content-type': 'application/cloudevents+json' }, body: JSON.stringify(event) }
  }
  if ('subscription' in event) {
    return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) }
  }
  const { data, datacontenttype, ...attributes } = event
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, headerText(String(value))])
  return {
    method: 'POST',
    headers: Object.fromEntries([...headers, ['content-type', String(datacontenttype)]]),
    body: JSON.stringify(data),
  }
}

/** All but printable ASCII, and three characters of it, percent-encoded. */
function headerText(text: string): string {
  return text.toWellFormed().replace(/[^\u0021-\u007e]|["%]/gu, encodeURIComponent)
}

type Told = 'finalized' | 'archived' | 'deleted'

function storageEvent(type: Told, { key, id, timeMs }: Happening, bucket = 'sample-bucket'): object {
  return recorded('gcp-object-finalized', {
    type: `google.cloud.storage.object.v1.${type}`,
    subject: `objects/${key}`,
    time: new Date(timeMs).toISOString().replace('Z', '123Z'),
    data: { bucket, name: key, generation: id },
  })
}

const eventTypes: Readonly<Record<Told, string>> = {
  finalized: 'OBJECT_FINALIZE',
  archived: 'OBJECT_ARCHIVE',
  deleted: 'OBJECT_DELETE',
}

function notification(form: 'published' | 'pushed') {
  return (type: Told, { key, id, timeMs }: Happening, bucket = 'sample-bucket'): object => {
    const attributes = {
      eventType: eventTypes[type],
      bucketId: bucket,
      objectId: key,
      objectGeneration: id,
      eventTime: new Date(timeMs).toISOString().replace('Z', '123Z'),
    }
    if (form === 'pushed') return recorded('gcp-notification-pushed', { message: { attributes } })
    return recorded('gcp-message-published', { data: { message: { attributes } } })
  }
}
