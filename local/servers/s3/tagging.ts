import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketOf, type Call, demandXml, emptyAnswer, parameter, xmlAnswer } from './call.ts'
import { shown } from './reads.ts'
import { attributesOf, recordOf } from './record.ts'
import { tagSet, type Tags, tagsFromXml } from './tags.ts'
import { versionHeader } from './versioning.ts'
import { root } from './xml.ts'

export function getTagging(call: Call): Answer {
  const bucket = bucketOf(call)
  const entry = tagged(call, bucket)
  return xmlAnswer(root('Tagging', tagSet(recordOf(entry).tags)), versionHeader(bucket, entry.id))
}

export async function putTagging(call: Call): Promise<Answer> {
  const bucket = bucketOf(call)
  const tags = tagsFromXml(await demandXml(call, 'Tagging'))
  return emptyAnswer(200, versionHeader(bucket, setTags(call, bucket, tags)))
}

export function deleteTagging(call: Call): Answer {
  const bucket = bucketOf(call)
  return emptyAnswer(204, versionHeader(bucket, setTags(call, bucket, [])))
}

function tagged(call: Call, bucket: Bucket): Entry {
  return shown(bucket, call.address.key, parameter(call, 'versionId'))
}

/** In place: no new version comes, and no date changes. */
function setTags(call: Call, bucket: Bucket, tags: Tags): string {
  const entry = tagged(call, bucket)
  const attributes = attributesOf({ ...recordOf(entry), tags })
  bucket.transact((change) => change.update(entry.key, entry.id, { attributes }))
  return entry.id
}
