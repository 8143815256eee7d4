import type { Answer } from '#local/servers/http/answer.ts'
import type { Call } from './call.ts'
import type { Cloud } from './cloud.ts'
import { deleteObject } from './deletes.ts'
import { xmlPreconditionsOf } from './preconditions.ts'
import { generationAsked } from './reads.ts'
import { refuse } from './refusals.ts'
import { bucketFor } from './requester.ts'
import * as multipart from './xml-multipart.ts'
import { getXmlObject, putXmlObject } from './xml-objects.ts'

/** The XML API, on the path of the bucket. A name's slashes may come as they are. */
export async function xmlRoute(
  cloud: Cloud,
  method: string,
  [name = '', ...pieces]: readonly string[],
  call: Call,
): Promise<Answer> {
  const bucket = bucketFor(cloud, name, call)
  const key = pieces.join('/')
  if (key === '') refuse('methodNotAllowed')
  const id = call.query('uploadId')
  if (id !== null || call.query('uploads') !== null) multipart.refusePreconditions(call)
  if (id !== null) {
    const upload = multipart.uploadNamed(bucket, key, id)
    if (method === 'PUT') return multipart.putPart(cloud, bucket, upload, call)
    if (method === 'GET') return multipart.listParts(bucket, upload, call)
    if (method === 'POST') return multipart.complete(cloud, bucket, upload, call)
    if (method === 'DELETE') return multipart.abort(bucket, upload)
    return refuse('methodNotAllowed')
  }
  if (method === 'POST' && call.query('uploads') !== null) return multipart.initiate(cloud, bucket, key, call)
  if (method === 'GET' || method === 'HEAD') return getXmlObject(cloud, bucket, key, call)
  if (method === 'PUT') return putXmlObject(cloud, bucket, key, call)
  if (method === 'DELETE')
    return deleteObject(cloud, bucket, key, generationAsked(call), xmlPreconditionsOf(call.header))
  return refuse('methodNotAllowed')
}
