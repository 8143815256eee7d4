import { describe, expect, it } from 'vitest'
import { nameOf } from '#azure/drivers/names.ts'
import { noticeOf } from '#azure/event.ts'
import { parseConfig } from '#shared/config/load.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { segments } from '#test/wires/corpus.ts'
import { base64, cloudEvent, topic } from './hosts/azure.ts'
import { recorded } from './recorded.ts'
import { document } from './world.ts'

const config = parseConfig(JSON.stringify(document))

const read = (name: string, changes: object = {}) => noticeOf(recorded(name, { topic, ...changes }), config)
const container = '/blobServices/default/containers/test-container/blobs'

describe('what Event Grid tells of a container', () => {
  it('a creation names no version in the words of a stamp, and its time is cut to milliseconds', () => {
    const event = {
      site: 'azure',
      key: 'new-file.txt',
      kind: 'created',
      id: null,
      timeMs: Date.UTC(2017, 5, 26, 18, 41, 0, 958),
      writtenFor: null,
      byUser: null,
    }
    expect(read('azure-blob-created')).toEqual({ message: { kind: 'event', event } })
  })

  it('a deletion has no ETag and no request id of its client, and is one all the same', () => {
    const subject = `${container}/file-to-delete.txt`
    expect(read('azure-blob-deleted', { subject })).toMatchObject({
      message: { event: { kind: 'deleted', key: 'file-to-delete.txt' } },
    })
  })

  it('an ETag is one with quotes and without', () => {
    for (const eTag of ['0x8D4BCC2E4835CD0', '"0x8D4BCC2E4835CD0"']) {
      expect(read('azure-blob-created', { data: { eTag } })).toEqual(read('azure-blob-created'))
    }
  })

  it.each([
    [`${container}/a`, 'a'],
    [`${container.slice(1)}/a`, 'a'],
    [`${container}/folder/a b+c%20d.txt`, 'folder/a b+c%20d.txt'],
    [`${container}/blobs/x/blobs/y`, 'blobs/x/blobs/y'],
    [`${container}//`, '/'],
    [`${container}/line\nbreak`, 'line\nbreak'],
    [`${container}/😀`, '😀'],
  ])('the key is all that follows in the subject: %j', (subject, key) => {
    expect(read('azure-blob-created', { subject })).toMatchObject({ message: { event: { key } } })
  })

  it('a key that lost a character on its way is left to reconcile, and says so', () => {
    expect(read('azure-blob-created', { subject: `${container}/party-\uFFFD\uFFFD.png` })).toEqual({
      passedOver: { site: 'azure', key: 'party-\uFFFD\uFFFD.png', why: expect.stringContaining('reconcile') },
    })
  })

  it.each([
    ['isobar-all-0a1b2c3d4e', 'all'],
    ['isobar-eu-media-0a1b2c3d4e', 'eu-media'],
    ['isobar-all', null],
    ['isobar--0a1b2c3d4e', null],
    ['isobar-All-0a1b2c3d4e', null],
    ['x-isobar-all-0a1b2c3d4e', null],
    ['6d79dbfb-0e37-4fc4-981f-442c9ca65760', null],
    [undefined, null],
  ])('the request id tells for which rule Isobar wrote: %s', (clientRequestId, writtenFor) => {
    expect(read('azure-blob-created', { data: { clientRequestId } })).toMatchObject({
      message: { event: { writtenFor } },
    })
  })

  it('a host that leaves the base64 to us is understood as well', () => {
    const entry = recorded('azure-blob-created', { topic })
    expect(noticeOf(base64(entry), config)).toEqual(noticeOf(entry, config))
  })

  it.each([
    ['topic', { topic: undefined }],
    ['topic', { topic: '/subscriptions/x/resourceGroups/y' }],
    ['topic', { topic: topic.replace('mystorageaccount', 'another') }],
    ['subject', { subject: `${container}/` }],
    ['subject', { subject: '/blobServices/default/containers/test-container' }],
    ['subject', { subject: '/blobServices/default/containers/elsewhere/blobs/a' }],
    ['subject', { subject: `${container}/${'k'.repeat(1025)}` }],
    ['eventType', { eventType: 'Microsoft.Storage.BlobTierChanged' }],
    ['eventTime', { eventTime: 1_498_502_460 }],
    ['data', { data: 'none' }],
    ['data.clientRequestId', { data: { clientRequestId: 7 } }],
  ])('what is wrong is refused by its field: %s, %j', (field, changes) => {
    expect(() => read('azure-blob-created', changes)).toThrow(
      expect.objectContaining({ kind: 'invalid', message: expect.stringMatching(`^${field}: found .+, expected .+`) }),
    )
  })

  it.each([[null], [undefined], [7], [[]], [Buffer.from('x')], ['']])(
    'an entry that is no event at all is refused: %j',
    (entry) => {
      expect(() => noticeOf(entry, config)).toThrow(expect.objectContaining({ kind: 'invalid' }))
    },
  )

  it('in the schema of CloudEvents it tells the same', () => {
    const [created, deleted] = (['Created', 'Deleted'] as const).map((type) => cloudEvent(type, 'a b', 1000))
    expect(noticeOf(created, config)).toMatchObject({
      message: { event: { site: 'azure', key: 'a b', kind: 'created', id: null, timeMs: 1000, writtenFor: null } },
    })
    expect(noticeOf(deleted, config)).toMatchObject({ message: { event: { kind: 'deleted' } } })
  })

  it.each([
    ['source', { source: '/subscriptions/x' }],
    ['source', { source: topic.replace('mystorageaccount', 'another') }],
    ['type', { type: 'Microsoft.Storage.BlobTierChanged' }],
    ['time', { time: 'now' }],
    ['data', { data: undefined }],
  ])('what is wrong in that schema is refused by its field: %s, %j', (field, changes) => {
    const value = { ...cloudEvent('Created', 'k', 1000), ...changes }
    expect(() => noticeOf(value, config)).toThrow(
      expect.objectContaining({ kind: 'invalid', message: expect.stringMatching(`^${field}: found .+, expected .+`) }),
    )
  })
})

it.each([...segments.filter((text) => text !== ''), 'a/../b', './/', 'x/\uFFFD', '\\'])(
  'a key that Azure would mangle is told by the name under which it lies: %j',
  (text) => {
    const key = parseKey(text)
    const subject = `${container}/${nameOf(key, {})}`
    expect(read('azure-blob-created', { subject })).toMatchObject({ message: { event: { key } } })
  },
)
