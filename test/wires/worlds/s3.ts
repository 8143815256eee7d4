import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { s3Client } from '#aws/drivers/client.ts'
import { s3Store } from '#aws/drivers/object-store.ts'
import type { Entry } from '#local/servers/engine/model.ts'
import { s3Face } from '#local/servers/s3/face.ts'
import { recordOf } from '#local/servers/s3/record.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { sizes } from '#test/simulation/ground.ts'
import { controlBucket, type Embedded, type EmbeddedCloud, type EmbeddedOptions, ownBucket } from './embedded.ts'
import type { Reading } from './happenings.ts'
import { s3User } from './s3-user.ts'

const credentials = { accessKeyId: 'AKIAWORLDS', secretAccessKey: 'worlds' }
const region = 'us-east-1'

/** Every second site takes objects for too large to be copied at once: their commits are uploads in parts, as above 5 GiB. */
const wholeBytesMax = 100

export const s3: EmbeddedCloud = { watch: ownBucket, read: () => read, open }

async function open({ plan, engine, now }: EmbeddedOptions): Promise<Embedded> {
  const { partBytesMin, pageMax } = sizes
  const face = await s3Face({ engine, now, credentials: [credentials], region, skewMaxMs: Infinity, partBytesMin })
  const client = s3Client({ region, endpoint: face.url, credentials })
  for (const Bucket of [ownBucket, controlBucket]) await client.send(new CreateBucketCommand({ Bucket }))
  if (plan.versioned) {
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await client.send(new PutBucketVersioningCommand({ Bucket: ownBucket, VersioningConfiguration }))
  }
  const site = siteId(plan.id)
  const control = { bucket: controlBucket }
  return {
    user: s3User(client, ownBucket),
    drivers(clock) {
      const large = plan.id < 'b' || plan.id.startsWith('c') ? {} : { copyBytesMax: wholeBytesMax }
      const common = { client, site, control, clock, pageMax, ...large }
      return {
        own: s3Store({ ...common, bucket: ownBucket, versioned: plan.versioned }),
        control: s3Store({ ...common, bucket: controlBucket, versioned: false }),
      }
    },
    async close() {
      client.destroy()
      await face.close()
    },
  }
}

function read(entry: Entry): Reading {
  const { dateMs, marker, id } = entry
  if (marker) return { id, dateMs, inParts: false, softDeleted: false, headers: {}, metadata: {}, tags: {} }
  const { etag, parts, headers, metadata, tags } = recordOf(entry)
  const { 'content-type': contentType = '' } = headers
  return {
    id: etag,
    dateMs,
    inParts: parts !== null,
    softDeleted: false,
    headers: { contentType },
    metadata: Object.fromEntries(metadata),
    tags: Object.fromEntries(tags),
  }
}
