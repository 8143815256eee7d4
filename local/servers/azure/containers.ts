import type { Attributes, Bucket, ListQuery } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { type Call, containerOf, httpDate, quoted, said } from './calls.ts'
import { Refusal } from './errors.ts'
import { type Metadata, metadataHeaders, metadataOf } from './metadata.ts'
import { bucketName, checkContainerName } from './names.ts'
import { etagOf, msOf, ticksOfOrder } from './ticks.ts'

export interface ContainerRecord {
  readonly etag: string
  readonly modifiedMs: number
  readonly metadata: Metadata
}

/** One that was made in the engine itself has no record yet. */
export function containerRecord({ attributes, createdMs }: Bucket): ContainerRecord {
  const record = attributes['container'] as unknown as ContainerRecord | undefined
  return record ?? { etag: etagOf(ticksOfOrder(createdMs * 1000)), modifiedMs: createdMs, metadata: {} }
}

/** Create Container. */
export function createContainer(call: Call): Answer {
  const { account, container } = call.address
  checkContainerName(container)
  const { engine } = call.service
  const name = bucketName(account, container)
  const former = engine.bucket(name)
  if (former !== null) {
    throw new Refusal(former.attributes['deleting'] === true ? 'ContainerBeingDeleted' : 'ContainerAlreadyExists')
  }
  const metadata = metadataOf(call.request.rawHeaders)
  // Without a moment of its own nobody may see it: the second write gives it one, and nothing comes between.
  engine.createBucket(name, { deleting: true })
  return changed(engine.bucket(name)!, { held: false }, metadata, 201)
}

/** Set Container Metadata. */
export function setContainerMetadata(call: Call): Answer {
  const bucket = containerOf(call)
  const { held } = bucket.attributes
  return changed(bucket, { held: held === true }, metadataOf(call.request.rawHeaders), 200)
}

function changed(bucket: Bucket, attributes: Attributes, metadata: Metadata, status: number): Answer {
  const ticks = ticksOfOrder(bucket.transact((change) => change.nextOrder()))
  const container = { etag: etagOf(ticks), modifiedMs: msOf(ticks), metadata }
  bucket.setAttributes({ ...attributes, container })
  return said(status, { etag: quoted(container.etag), 'last-modified': httpDate(container.modifiedMs) })
}

/** Get Container Properties, and Metadata. */
export function getContainer(call: Call): Answer {
  const bucket = containerOf(call)
  const { etag, modifiedMs, metadata } = containerRecord(bucket)
  return said(200, {
    etag: quoted(etag),
    'last-modified': httpDate(modifiedMs),
    'x-ms-lease-status': 'unlocked',
    'x-ms-lease-state': 'available',
    'x-ms-has-immutability-policy': 'false',
    'x-ms-has-legal-hold': String(bucket.attributes['held'] === true),
    'x-ms-immutable-storage-with-versioning-enabled': 'false',
    ...metadataHeaders(metadata),
  })
}

/** Delete Container: with all that is in it, and at once for everybody who asks. */
export function deleteContainer(call: Call): Answer {
  const bucket = containerOf(call)
  if (bucket.attributes['held'] === true) throw new Refusal('BlobImmutableDueToPolicy')
  bucket.setAttributes({ ...bucket.attributes, deleting: true })
  finishDeletion(call.service.engine, bucket)
  return said(202)
}

const erasedAtOnce = 500

/** A container that was being deleted when the process ended is finished at the next start. */
export function finishDeletion(engine: Call['service']['engine'], bucket: Bucket): void {
  for (;;) {
    const query: ListQuery = {
      prefix: '',
      delimiter: null,
      after: null,
      max: erasedAtOnce,
      sorted: 'utf8',
      what: 'all',
      newestFirst: true,
    }
    const { entries } = bucket.list(query)
    if (entries.length === 0) break
    bucket.transact((change) => {
      for (const { key, id } of entries) change.erase(key, id)
    })
  }
  engine.removeBucket(bucket.name)
}
