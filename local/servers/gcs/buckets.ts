import * as z from 'zod'
import type { Bucket } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { type BucketFacts, bucketFactsOf } from './bucket-facts.ts'
import type { Call } from './call.ts'
import type { Cloud } from './cloud.ts'
import { defaultStorageClass } from './facts.ts'
import { done, json } from './json.ts'
import { rfc3339 } from './moments.ts'
import { newBucketName } from './names.ts'
import { refuse } from './refusals.ts'
import { parseJson } from './said.ts'

/** What is played of a bucket's settings; the rest is passed over. */
const schema = z.object({
  name: z.string().optional(),
  location: z.string().optional(),
  storageClass: z.string().optional(),
  versioning: z.object({ enabled: z.boolean().optional() }).nullish(),
  billing: z.object({ requesterPays: z.boolean().optional() }).nullish(),
  retentionPolicy: z
    .object({ retentionPeriod: z.union([z.string().regex(/^[0-9]{1,10}$/), z.int().positive()]) })
    .nullish(),
  encryption: z.object({ defaultKmsKeyName: z.string().nullish() }).nullish(),
})

export async function createBucket(cloud: Cloud, call: Call): Promise<Answer> {
  const body = parseBody(await call.text())
  const name = newBucketName(body.name ?? refuse('missing', 'Required: name'))
  const nowMs = Math.floor(cloud.now())
  const facts: BucketFacts = {
    metageneration: 1,
    updatedMs: nowMs,
    location: (body.location ?? 'US').toUpperCase(),
    storageClass: body.storageClass ?? defaultStorageClass,
    versioning: false,
    requesterPays: false,
    retentionPeriod: null,
    retentionSinceMs: nowMs,
    kmsKeyName: null,
    ...changeOf(body, nowMs),
  }
  if (!cloud.engine.createBucket(name, facts)) refuse('bucketExists')
  return bucketAnswer(call, cloud.engine.bucket(name) ?? refuse('noBucket'))
}

export function getBucket(bucket: Bucket, call: Call): Answer {
  checkMetageneration(bucket, call)
  return bucketAnswer(call, bucket)
}

export async function patchBucket(cloud: Cloud, bucket: Bucket, call: Call): Promise<Answer> {
  const body = parseBody(await call.text())
  checkMetageneration(bucket, call)
  const facts = bucketFactsOf(bucket)
  const nowMs = Math.floor(cloud.now())
  bucket.setAttributes({
    ...facts,
    ...(body.storageClass === undefined ? {} : { storageClass: body.storageClass }),
    ...changeOf(body, nowMs),
    metageneration: facts.metageneration + 1,
    updatedMs: nowMs,
  } satisfies BucketFacts)
  return bucketAnswer(call, bucket)
}

export function deleteBucket(cloud: Cloud, bucket: Bucket, call: Call): Answer {
  checkMetageneration(bucket, call)
  if (!cloud.engine.removeBucket(bucket.name)) refuse('bucketNotEmpty')
  return done
}

export function listBuckets(cloud: Cloud, call: Call): Answer {
  const prefix = call.query('prefix') ?? ''
  const found = cloud.engine.buckets().filter(({ name }) => name.startsWith(prefix))
  return json({ kind: 'storage#buckets', items: found.map((bucket) => resource(call, bucket)) })
}

function parseBody(text: string): z.output<typeof schema> {
  const result = schema.safeParse(parseJson(text))
  if (result.success) return result.data
  const [issue] = result.error.issues
  refuse('invalid', `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'not a bucket resource'}`)
}

/** What a body names changes, `null` goes back to the default. */
function changeOf(body: z.output<typeof schema>, nowMs: number): Partial<BucketFacts> {
  const { versioning, billing, retentionPolicy, encryption } = body
  return {
    ...(versioning === undefined ? {} : { versioning: versioning?.enabled === true }),
    ...(billing === undefined ? {} : { requesterPays: billing?.requesterPays === true }),
    ...(encryption === undefined ? {} : { kmsKeyName: encryption?.defaultKmsKeyName ?? null }),
    ...(retentionPolicy === undefined
      ? {}
      : {
          retentionPeriod: retentionPolicy === null ? null : Number(retentionPolicy.retentionPeriod),
          retentionSinceMs: nowMs,
        }),
  }
}

function checkMetageneration(bucket: Bucket, call: Call): void {
  const match = call.query('ifMetagenerationMatch')
  const notMatch = call.query('ifMetagenerationNotMatch')
  const metageneration = String(bucketFactsOf(bucket).metageneration)
  if (match !== null && match !== metageneration) refuse('conditionNotMet')
  if (notMatch !== null && notMatch === metageneration) refuse('notModified')
}

function bucketAnswer(call: Call, bucket: Bucket): Answer {
  return json(resource(call, bucket))
}

function resource(call: Call, bucket: Bucket): object {
  const facts = bucketFactsOf(bucket)
  return {
    kind: 'storage#bucket',
    id: bucket.name,
    selfLink: `${call.base}/storage/v1/b/${bucket.name}`,
    projectNumber: '0',
    name: bucket.name,
    metageneration: String(facts.metageneration),
    location: facts.location,
    locationType: 'multi-region',
    storageClass: facts.storageClass,
    etag: Buffer.from(String(facts.metageneration)).toString('base64'),
    timeCreated: rfc3339(bucket.createdMs),
    updated: rfc3339(facts.updatedMs),
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
    versioning: { enabled: facts.versioning },
    billing: { requesterPays: facts.requesterPays },
    ...(facts.kmsKeyName === null ? {} : { encryption: { defaultKmsKeyName: facts.kmsKeyName } }),
    ...(facts.retentionPeriod === null
      ? {}
      : {
          retentionPolicy: {
            retentionPeriod: String(facts.retentionPeriod),
            effectiveTime: rfc3339(facts.retentionSinceMs),
          },
        }),
  }
}
