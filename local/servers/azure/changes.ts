import type { Answer } from '#local/servers/http/answer.ts'
import { documentOf } from './bodies.ts'
import { type Call, containerOf, httpDate, quoted, said, saidInXml } from './calls.ts'
import { md5Of } from './checksums.ts'
import { contentHeadersOf, tierOf } from './content-headers.ts'
import { checkRead, conditionsOf } from './conditions.ts'
import { Refusal } from './errors.ts'
import { admitChange, checkProtected } from './guard.ts'
import { checkLease, checkReadLease } from './lease.ts'
import { blobOf } from './lookup.ts'
import { metadataOf } from './metadata.ts'
import { written } from './put-blob.ts'
import { recordOf } from './record.ts'
import { amend, annotate, succeed } from './succession.ts'
import { tagsBody, tagsOfXml } from './tags.ts'

const tagsBytesMax = 64 * 1024

/** Set Blob Metadata: where versions are kept, the blob becomes a new one with the same content. */
export function setMetadata(call: Call): Answer {
  const bucket = containerOf(call)
  const metadata = metadataOf(call.request.rawHeaders)
  const entry = bucket.transact((change) => {
    const former = admitChange(change, bucket, call)
    const record = recordOf(former)
    if (call.account.versioning) return succeed(change, call, { ...record, metadata, copied: null }, former.content)
    checkProtected(record, call.nowMs)
    return amend(change, former, { metadata, copied: null }, call.nowMs)
  })
  return written(call, entry, {}, 200)
}

/** Set Blob Properties: what it does not name is cleared, and how the blob was copied. The version stays the same one, with another ETag. */
export function setProperties(call: Call): Answer {
  const bucket = containerOf(call)
  const headers = contentHeadersOf(call.header, false)
  const md5 = md5Of(call.header('x-ms-blob-content-md5'))
  const entry = bucket.transact((change) => {
    const former = admitChange(change, bucket, call)
    checkProtected(recordOf(former), call.nowMs)
    return amend(change, former, { headers, md5, copied: null }, call.nowMs)
  })
  const { etag } = recordOf(entry)
  return said(200, { etag: quoted(etag), 'last-modified': httpDate(entry.dateMs) })
}

/** Set Blob Tier, of any version. Coming back from the archive takes no time here. */
export function setTier(call: Call): Answer {
  const tier = tierOf(call.header)
  if (tier === null) throw new Refusal('MissingRequiredHeader', { HeaderName: 'x-ms-access-tier' })
  const archived = containerOf(call).transact((change) => {
    const { entry, record } = blobOf(change, call)
    checkReadLease(record.lease, call.header('x-ms-lease-id'), call.nowMs)
    annotate(change, entry, { tier })
    return record.tier === 'Archive' && tier !== 'Archive'
  })
  return said(archived ? 202 : 200)
}

/** Set Blob Tags, of any version: no ETag, date or version id changes. */
export async function setTags(call: Call): Promise<Answer> {
  const tags = tagsOfXml((await documentOf(call, tagsBytesMax)).document)
  containerOf(call).transact((change) => {
    const { entry, record } = blobOf(change, call)
    if (entry.live) checkLease(record.lease, call.header('x-ms-lease-id'), call.nowMs)
    annotate(change, entry, { tags })
  })
  return said(204)
}

export function getTags(call: Call): Answer {
  const { entry, record } = blobOf(containerOf(call), call)
  checkRead(conditionsOf(call.header), { etag: record.etag, modifiedMs: entry.dateMs })
  checkReadLease(record.lease, call.header('x-ms-lease-id'), call.nowMs)
  return saidInXml(tagsBody(record.tags))
}
