import { describe, expect, it } from 'vitest'
import { nameOf } from '#gcp/drivers/names.ts'
import { noticeOf } from '#gcp/event.ts'
import { parseConfig } from '#shared/config/load.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { segments } from '#test/wires/corpus.ts'
import { recorded } from './recorded.ts'
import { document } from './world.ts'

const config = parseConfig(JSON.stringify(document))
const unversioned = parseConfig(
  JSON.stringify({
    sites: { ...document.sites, gcp: { ...document.sites.gcp, versioned: false } },
    replicate: [{ id: 'out', from: 'gcp', to: ['aws'] }],
  }),
)

const object = 'google.cloud.storage.object.v1'
const read = (changes: object = {}, configuration = config) =>
  noticeOf(recorded('gcp-object-finalized', changes), configuration)

describe('what Cloud Storage tells of a bucket', () => {
  it('a creation names its version by the generation, in the words of a stamp', () => {
    const event = {
      site: 'gcp',
      key: 'folder/Test.cs',
      kind: 'created',
      id: '1587627537231057',
      timeMs: Date.UTC(2021, 10, 25, 21, 4, 32, 279),
      writtenFor: null,
      byUser: null,
    }
    expect(read()).toEqual({ message: { kind: 'event', event } })
  })

  it('a generation too large for a number keeps its last digit', () => {
    expect(read({ data: { generation: '9007199254740993' } })).toMatchObject({
      message: { event: { id: '9007199254740993' } },
    })
  })

  it('the key is the name in the data, as it is, whatever the subject says', () => {
    const name = 'a%2Fb+c d/é'
    expect(read({ subject: 'objects/other', data: { name } })).toMatchObject({ message: { event: { key: name } } })
  })

  it('metadata changed in place is an update of that generation', () => {
    expect(read({ type: `${object}.metadataUpdated` })).toMatchObject({
      message: { event: { kind: 'updated', id: '1587627537231057' } },
    })
  })

  it('where versions are kept, what is archived was deleted', () => {
    expect(read({ type: `${object}.archived` })).toMatchObject({ message: { event: { kind: 'deleted', id: null } } })
  })

  it.each([
    ['archived because it was overwritten', { type: `${object}.archived`, data: { overwrittenByGeneration: '2' } }],
    ['deleted after it was archived', { type: `${object}.deleted` }],
  ])('a generation %s is no event of the key’s life', (_, changes) => {
    expect(read(changes)).toMatchObject({ passedOver: { site: 'gcp', key: 'folder/Test.cs' } })
  })

  it('where no versions are kept, what is deleted was deleted, unless it was overwritten', () => {
    const gone = { type: `${object}.deleted` }
    expect(read(gone, unversioned)).toMatchObject({ message: { event: { kind: 'deleted' } } })
    expect(read({ ...gone, data: { overwrittenByGeneration: '2' } }, unversioned)).toHaveProperty('passedOver')
  })

  it.each([
    ['type', { type: 'google.cloud.storage.bucket.v1.created' }],
    ['time', { time: undefined }],
    ['data', { data: [] }],
    ['data.bucket', { data: { bucket: 'another-bucket' } }],
    ['data.bucket', { data: { bucket: undefined } }],
    ['data.name', { data: { name: '' } }],
    ['data.generation', { data: { generation: 1587627537231057 } }],
    ['data.generation', { data: { generation: '-1' } }],
    ['data.overwrittenByGeneration', { data: { overwrittenByGeneration: 2 } }],
  ])('what is wrong is refused by its field: %s, %j', (field, changes) => {
    expect(() => read(changes)).toThrow(
      expect.objectContaining({ kind: 'invalid', message: expect.stringMatching(`^${field}: found .+, expected .+`) }),
    )
  })
})

const attributes = {
  eventType: 'OBJECT_FINALIZE',
  bucketId: 'sample-bucket',
  objectId: 'folder/Test.cs',
  objectGeneration: '1587627537231057',
  eventTime: '2020-04-23T07:38:57.230Z',
}

describe('what Cloud Storage tells a topic', () => {
  const published = (changes: object = {}, configuration = config) => {
    const message = { attributes: { ...attributes, ...changes } }
    return noticeOf(recorded('gcp-message-published', { data: { message } }), configuration)
  }

  it('is the same event', () => {
    const event = {
      site: 'gcp',
      key: 'folder/Test.cs',
      kind: 'created',
      id: '1587627537231057',
      timeMs: Date.UTC(2020, 3, 23, 7, 38, 57, 230),
      writtenFor: null,
      byUser: null,
    }
    expect(published()).toEqual({ message: { kind: 'event', event } })
  })

  it.each([
    ['OBJECT_METADATA_UPDATE', {}, { message: { event: { kind: 'updated' } } }],
    ['OBJECT_ARCHIVE', {}, { message: { event: { kind: 'deleted', id: null } } }],
    ['OBJECT_ARCHIVE', { overwrittenByGeneration: '2' }, { passedOver: { key: 'folder/Test.cs' } }],
    ['OBJECT_DELETE', {}, { passedOver: { key: 'folder/Test.cs' } }],
  ])('%s %j', (eventType, changes, notice) => {
    expect(published({ eventType, ...changes })).toMatchObject(notice)
  })

  it('where no versions are kept, a deletion', () => {
    expect(published({ eventType: 'OBJECT_DELETE' }, unversioned)).toMatchObject({
      message: { event: { kind: 'deleted' } },
    })
  })

  it.each([
    ['eventType', { eventType: 'OBJECT_RENAME' }],
    ['eventTime', { eventTime: undefined }],
    ['bucketId', { bucketId: 'another-bucket' }],
    ['objectId', { objectId: '' }],
    ['objectGeneration', { objectGeneration: '-1' }],
  ])('what is wrong is refused by its field: %s, %j', (field, changes) => {
    expect(() => published(changes)).toThrow(
      new RegExp(`^data\\.message\\.attributes\\.${field}: found .+, expected .+`),
    )
  })
})

describe('what our topic tells', () => {
  const publish = (data: unknown) =>
    noticeOf(recorded('gcp-message-published', { data: { message: { data } } }), config)

  it('a message of our own is taken out of its base64', () => {
    const message = { kind: 'settle', group: 'all', key: 'a/é' }
    expect(publish(Buffer.from(JSON.stringify(message)).toString('base64'))).toEqual({ message })
  })

  it.each([
    ['no base64', '***'],
    ['no text', 7],
    ['no JSON', 'aGVsbG8gd29ybGQ='],
    ['an event of some other topic', Buffer.from('{"hello":1}').toString('base64')],
  ])('what is %s is refused by its field', (_, data) => {
    expect(() => publish(data)).toThrow(/^data\.message\.data: found .+, expected .+/)
  })
})

it.each([...segments.filter((text) => text !== ''), '.well-known/acme-challenge/x', 'a\nb\r'])(
  'a key that Cloud Storage refuses is told by the name under which it lies: %j',
  (text) => {
    const key = parseKey(text)
    const name = nameOf({ site: siteId('gcp'), verb: 'put', key, buckets: [], write: true }, key)
    expect(read({ data: { name } })).toMatchObject({ message: { event: { key } } })
    const message = { attributes: { ...attributes, objectId: name } }
    expect(noticeOf(recorded('gcp-message-published', { data: { message } }), config)).toMatchObject({
      message: { event: { key } },
    })
  },
)
