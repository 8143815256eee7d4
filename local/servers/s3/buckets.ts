import type { Bucket } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketOf, type Call, demandXml, emptyAnswer, xmlAnswer, xmlIn } from './call.ts'
import { Refusal } from './errors.ts'
import { owner } from './page.ts'
import { type Versioning, versioningOf } from './versioning.ts'
import { element, malformed, node, root, text } from './xml.ts'

export function listBuckets(call: Call): Answer {
  const buckets = call.engine.buckets().map(({ name, createdMs }) => {
    const created = element('CreationDate', new Date(Math.floor(createdMs / 1000) * 1000).toISOString())
    return node('Bucket', element('Name', name), created)
  })
  return xmlAnswer(root('ListAllMyBucketsResult', owner(), node('Buckets', ...buckets)))
}

const nameRule = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

export async function createBucket(call: Call): Promise<Answer> {
  const name = call.address.bucket
  if (!nameRule.test(name) || name.includes('..') || /^\d+\.\d+\.\d+\.\d+$/.test(name)) {
    throw new Refusal('InvalidBucketName', 'Buckets are named by 3 to 63 small letters, digits, dots and hyphens.', {
      BucketName: name,
    })
  }
  await checkLocation(call)
  const location = { location: `/${name}` }
  if (call.engine.createBucket(name, { versioning: 'off' })) return emptyAnswer(200, location)
  // In its oldest region alone S3 takes one's own bucket for created again.
  if (call.region === 'us-east-1') return emptyAnswer(200, location)
  const message = 'There is a bucket of this name, and it is yours.'
  throw new Refusal('BucketAlreadyOwnedByYou', message, { BucketName: name })
}

async function checkLocation(call: Call): Promise<void> {
  const configuration = await xmlIn(call, 'CreateBucketConfiguration')
  const asked = configuration?.text('LocationConstraint') || 'us-east-1'
  if (asked === call.region) return
  const message = `LocationConstraint: found ${asked}, expected ${call.region}, where this server stands`
  throw new Refusal('IllegalLocationConstraintException', message)
}

export function headBucket(call: Call): Answer {
  bucketOf(call)
  return emptyAnswer(200, { 'x-amz-bucket-region': call.region })
}

export function deleteBucket(call: Call): Answer {
  const { name } = bucketOf(call)
  if (call.engine.removeBucket(name)) return emptyAnswer(204)
  const message = 'The bucket holds versions or delete markers: remove them first.'
  throw new Refusal('BucketNotEmpty', message, { BucketName: name })
}

/** The oldest region has no name here. */
export function getLocation(call: Call): Answer {
  bucketOf(call)
  return xmlAnswer(root('LocationConstraint', text(call.region === 'us-east-1' ? '' : call.region)))
}

const spoken: Readonly<Record<Exclude<Versioning, 'off'>, string>> = { enabled: 'Enabled', suspended: 'Suspended' }

export function getVersioning(call: Call): Answer {
  const state = versioningOf(bucketOf(call))
  return xmlAnswer(root('VersioningConfiguration', ...(state === 'off' ? [] : [element('Status', spoken[state])])))
}

export async function putVersioning(call: Call): Promise<Answer> {
  const bucket = bucketOf(call)
  const configuration = await demandXml(call, 'VersioningConfiguration')
  const mfa = configuration.text('MfaDelete')
  if (mfa !== null && mfa !== 'Disabled') throw malformed(`found MfaDelete ${mfa}, expected Disabled`)
  const status = configuration.text('Status')
  if (status === 'Enabled') setVersioning(bucket, 'enabled')
  else if (status === 'Suspended') setVersioning(bucket, 'suspended')
  else {
    const message = `Status: found ${status ?? 'none'}, expected Enabled or Suspended`
    throw new Refusal('IllegalVersioningConfigurationException', message)
  }
  return emptyAnswer(200)
}

function setVersioning(bucket: Bucket, versioning: Versioning): void {
  bucket.setAttributes({ ...bucket.attributes, versioning })
}
