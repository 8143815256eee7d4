import { describe, expect, it } from 'vitest'
import { deliveriesOf } from '#aws/event.ts'
import { parseConfig } from '#shared/config/load.ts'
import { objectChanged } from '#aws/triggers/object-changed.ts'
import type { Config } from '#shared/config/model.ts'
import type { Notice } from '#functions/notice.ts'
import { batch, context, notification } from './hosts/aws.ts'
import { recorded } from './recorded.ts'
import { document, World } from './world.ts'

const config = parseConfig(JSON.stringify(document))
const unversioned = parseConfig(
  JSON.stringify({
    sites: { ...document.sites, aws: { ...document.sites.aws, versioned: false } },
    replicate: [{ id: 'out', from: 'aws', to: ['gcp'] }],
  }),
)

const read = (name: string, changes: object = {}, configuration = config) =>
  only(recorded(name, changes), configuration)

/** What one payload turns out to hold. */
function noticesOf(payload: unknown, configuration: Config = config): readonly Notice[] {
  return deliveriesOf(payload).flatMap(({ read }) => read(configuration))
}

function only(payload: unknown, configuration: Config = config): Notice {
  const [notice, ...others] = noticesOf(payload, configuration)
  expect(others).toEqual([])
  return notice!
}

const permanently = { 'deletion-type': 'Permanently Deleted' }

describe('what EventBridge tells of a bucket', () => {
  it('a creation names its version by the ETag, in the words of a stamp', () => {
    const event = {
      site: 'aws',
      key: 'example-key',
      kind: 'created',
      id: 'b1946ac92492d2347c6235b4d2611184',
      timeMs: Date.UTC(2021, 10, 12),
      writtenFor: null,
      byUser: true,
    }
    expect(read('aws-object-created')).toEqual({ message: { kind: 'event', event } })
  })

  it('a key is taken as it is: nothing in it is decoded', () => {
    const key = 'a+b%2Fc d/é/..//%41'
    expect(read('aws-object-created', { detail: { object: { key } } })).toMatchObject({ message: { event: { key } } })
  })

  it('a delete marker is a deletion, and its own ETag names no version of the object', () => {
    expect(read('aws-object-deleted')).toMatchObject({
      message: { event: { kind: 'deleted', id: null, byUser: true } },
    })
  })

  it('a deletion by lifecycle is a deletion that no user made', () => {
    expect(read('aws-object-deleted-lifecycle')).toMatchObject({
      message: { event: { kind: 'deleted', byUser: false } },
    })
  })

  it('a version that a user removed for good is a deletion, for the event does not tell it from a marker', () => {
    expect(read('aws-object-deleted', { detail: permanently })).toMatchObject({
      message: { event: { kind: 'deleted' } },
    })
  })

  it('what lifecycle removes for good is no event of the key’s life', () => {
    expect(read('aws-object-deleted-lifecycle', { detail: permanently })).toMatchObject({
      passedOver: { site: 'aws', key: 'example-key', why: expect.stringContaining('lifecycle') },
    })
  })

  it('where no versions are kept, what is removed for good is deleted, by whomever', () => {
    for (const name of ['aws-object-deleted', 'aws-object-deleted-lifecycle']) {
      expect(read(name, { detail: permanently }, unversioned)).toMatchObject({
        message: { event: { kind: 'deleted' } },
      })
    }
  })

  it('a store elsewhere with a bucket of the same name is not taken for the one in this cloud', () => {
    const twin = { ...document.sites.aws, endpoint: 'https://s3.cellar.example', control: 'notes' }
    const twins = parseConfig(JSON.stringify({ ...document, sites: { cellar: twin, ...document.sites } }))
    expect(read('aws-object-created', {}, twins)).toMatchObject({ message: { event: { site: 'aws' } } })
  })

  it('a store on one’s own machine that tells such events is known by its bucket, unless two have it', () => {
    const own = { ...document.sites.aws, endpoint: 'http://127.0.0.1:9000' }
    const local = { ...document, sites: { ...document.sites, aws: own } }
    expect(read('aws-object-created', {}, parseConfig(JSON.stringify(local)))).toMatchObject({
      message: { event: { site: 'aws' } },
    })
    const twin = { ...own, endpoint: 'http://127.0.0.1:9001' }
    const twins = parseConfig(JSON.stringify({ ...local, sites: { ...local.sites, twin } }))
    expect(() => read('aws-object-created', {}, twins)).toThrow('detail.bucket.name: found')
  })

  it('an ETag with quotes is the same without', () => {
    const etag = '"b1946ac92492d2347c6235b4d2611184"'
    expect(read('aws-object-created', { detail: { object: { etag } } })).toEqual(read('aws-object-created'))
  })

  it.each([
    ['source', { source: 'my.app' }],
    ['detail-type', { 'detail-type': 'Object Restore Completed' }],
    ['time', { time: 'yesterday' }],
    ['time', { time: undefined }],
    ['detail', { detail: 'none' }],
    ['detail.bucket', { detail: { bucket: undefined } }],
    ['detail.bucket.name', { detail: { bucket: { name: 7 } } }],
    ['detail.bucket.name', { detail: { bucket: { name: 'amzn-s3-demo-bucket2' } } }],
    ['detail.object', { detail: { object: [] } }],
    ['detail.object.key', { detail: { object: { key: undefined } } }],
    ['detail.object.key', { detail: { object: { key: '' } } }],
    ['detail.object.etag', { detail: { object: { etag: null } } }],
    ['detail.reason', { detail: { reason: undefined } }],
  ])('what is wrong is refused by its field: %s, %j', (field, changes) => {
    expect(() => read('aws-object-created', changes)).toThrow(
      expect.objectContaining({ kind: 'invalid', message: expect.stringMatching(`^${field}: found .+, expected .+`) }),
    )
  })

  it('a deletion of a kind that nobody knows yet is refused, not guessed', () => {
    expect(() => read('aws-object-deleted', { detail: { 'deletion-type': 'Vanished' } })).toThrow(
      'detail.deletion-type: found "Vanished", expected "Delete Marker Created" or "Permanently Deleted"',
    )
  })
})

describe('what S3 itself tells of a bucket', () => {
  const happening = { key: 'a b+c/é', id: 'b1946ac92492d2347c6235b4d2611184', timeMs: Date.UTC(2021, 10, 12) }
  const records = (...all: readonly object[]) => ({
    Records: all.flatMap((one) => (one as { readonly Records: readonly object[] }).Records),
  })

  it('a creation is the same event as by EventBridge, with its key taken out of the encoding of a form', () => {
    const event = {
      site: 'aws',
      key: 'a b+c/é',
      kind: 'created',
      id: happening.id,
      timeMs: happening.timeMs,
      writtenFor: null,
      byUser: true,
    }
    expect(only(notification('created', happening))).toEqual({ message: { kind: 'event', event } })
  })

  it('as its page shows it: only the bucket is another', () => {
    const [record] = (recorded('aws-s3-notification') as unknown as { readonly Records: readonly [{ s3: object }] })
      .Records
    const own = { ...record, s3: { ...record.s3, bucket: { name: 'amzn-s3-demo-bucket1' } } }
    expect(only({ Records: [own] })).toMatchObject({
      message: { event: { key: 'HappyFace.jpg', id: 'd41d8cd98f00b204e9800998ecf8427e', timeMs: 0 } },
    })
  })

  it.each([
    ['ObjectRemoved:DeleteMarkerCreated', config, { kind: 'deleted', id: null, byUser: true }],
    ['LifecycleExpiration:DeleteMarkerCreated', config, { kind: 'deleted', byUser: false }],
    ['ObjectRemoved:Delete', config, { kind: 'deleted', byUser: true }],
    ['ObjectRemoved:Delete', unversioned, { kind: 'deleted', byUser: true }],
    ['LifecycleExpiration:Delete', unversioned, { kind: 'deleted', byUser: false }],
    ['ObjectCreated:CompleteMultipartUpload', config, { kind: 'created' }],
  ])('%s', (eventName, configuration, event) => {
    const [record] = records(notification('created', happening)).Records
    expect(only({ Records: [{ ...record, eventName }] }, configuration)).toMatchObject({ message: { event } })
  })

  it('its first test is acknowledged, and said', () => {
    const Bucket = 'amzn-s3-demo-bucket1'
    expect(only(recorded('aws-s3-test', { Bucket }))).toMatchObject({ passedOver: { site: 'aws' } })
    expect(() => only(recorded('aws-s3-test'))).toThrow('Bucket: found "amzn-s3-demo-bucket"')
  })

  it('a record that is wrong is refused by its field, and the others of its notification are not', () => {
    const good = notification('created', happening)
    const [record] = records(good).Records
    const bad = [
      { eventTime: 'yesterday' },
      { eventName: 'ObjectAcl:Put' },
      { eventSource: 'aws:sqs' },
      { s3: { bucket: { name: 'amzn-s3-demo-bucket1' }, object: { key: '%E0%A4', eTag: 'e' } } },
      { s3: { bucket: { name: 'amzn-s3-demo-bucket1' }, object: { key: 'x' } } },
    ].map((change) => ({ ...record, ...change }))
    const notices = noticesOf({ Records: [...bad, record] })
    const why = notices.flatMap((notice) => ('refused' in notice ? [(notice.refused as Error).message] : []))
    expect(why).toEqual([
      expect.stringMatching(/^Records\[0\]\.eventTime: found "yesterday", expected /),
      expect.stringMatching(/^Records\[1\]\.eventName: found "ObjectAcl:Put", expected /),
      expect.stringMatching(/^Records\[2\]\.eventSource: found "aws:sqs", expected "aws:s3"/),
      expect.stringMatching(/^Records\[3\]\.s3\.object\.key: found "%E0%A4", expected a key in the encoding of a form/),
      expect.stringMatching(/^Records\[4\]\.s3\.object\.eTag: found nothing, expected an ETag/),
    ])
    expect(notices.at(-1)).toHaveProperty('message')
  })
})

describe('a batch', () => {
  it('of which every record fails is answered record by record, so that each counts for itself', async () => {
    const world = await World.of()
    const handler = objectChanged(world.work)
    const event = batch(['no JSON', '[]', 'null', '{}'])
    const { batchItemFailures } = await handler(event, context)
    expect(batchItemFailures).toEqual(event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })))
    expect(world.refused).toHaveLength(4)
  })

  it('that is no batch is refused whole, its field named', async () => {
    const world = await World.of()
    const why = 'Records[0].body: found nothing, expected a text'
    await expect(objectChanged(world.work)({ Records: [{ messageId: 'm' }] }, context)).rejects.toThrow(why)
    expect(world.refused).toEqual([why])
  })

  it('of which two records tell of one key is done as one', async () => {
    const world = await World.of()
    const { id } = world.put('aws', 'hot', 'x')
    const created = JSON.stringify(
      recorded('aws-object-created', {
        time: new Date(world.clock.now()).toISOString(),
        detail: { object: { key: 'hot', etag: id } },
      }),
    )
    const { batchItemFailures } = await objectChanged(world.work)(batch([created, created, created]), context)
    expect(batchItemFailures).toEqual([])
    expect(world.done.toSorted()).toEqual(['copied azure', 'copied gcp'])
  })
})
