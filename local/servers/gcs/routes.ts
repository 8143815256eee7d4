import type { Answer } from '#local/servers/http/answer.ts'
import type { Call } from './call.ts'
import * as buckets from './buckets.ts'
import type { Cloud } from './cloud.ts'
import { composeObject } from './compose.ts'
import { copyObject, type Place, rewriteObject } from './copies.ts'
import { deleteObject } from './deletes.ts'
import { listObjects } from './listings.ts'
import { preconditionsOf } from './preconditions.ts'
import { generationAsked, getMedia, getObject } from './reads.ts'
import { refuse } from './refusals.ts'
import { bucketFor } from './requester.ts'
import { cancelSession, continueSession } from './resumable.ts'
import { patched, replaced } from './said.ts'
import { updateObject } from './updates.ts'
import { upload } from './uploads.ts'

type Answering = Answer | Promise<Answer>

/** The JSON API: what follows `/storage/v1`, `/upload/storage/v1` or `/download/storage/v1`, decoded piece by piece. */
export function jsonRoute(cloud: Cloud, method: string, segments: readonly string[], call: Call): Answering {
  const [first, ...rest] = segments
  if (first === 'upload') return uploadRoute(cloud, method, below(rest), call)
  if (first === 'download') return downloadRoute(cloud, method, below(rest), call)
  const [collection, bucket, objects, object, verb, ...target] = below(segments)
  if (collection !== 'b') refuse('noMethod')
  if (bucket === undefined) return bucketsRoute(cloud, method, call)
  if (objects === undefined) return bucketRoute(cloud, method, bucket, call)
  if (objects !== 'o') refuse('noMethod')
  if (object === undefined) return objectsRoute(cloud, method, bucket, call)
  if (verb === undefined) return objectRoute(cloud, method, bucket, object, call)
  const copies = copyRoute(cloud, { bucket, key: object }, [verb, ...target], call)
  return method === 'POST' ? copies() : refuse('methodNotAllowed')
}

/** What makes one object of others, if the address is one of those. */
function copyRoute(cloud: Cloud, { bucket, key }: Place, verbs: readonly string[], call: Call): () => Answering {
  const [verb, b, toBucket, o, toKey] = verbs
  if (verb === 'compose' && verbs.length === 1)
    return () => composeObject(cloud, bucketFor(cloud, bucket, call), key, call)
  if (verbs.length !== 5 || b !== 'b' || o !== 'o') refuse('noMethod')
  const to = { bucket: toBucket ?? '', key: toKey ?? '' }
  if (verb === 'rewriteTo') return () => rewriteObject(cloud, { bucket, key }, to, call)
  if (verb === 'copyTo') return () => copyObject(cloud, { bucket, key }, to, call)
  return refuse('noMethod')
}

export function isJsonApi(segments: readonly string[]): boolean {
  const [first, second, third] = segments
  if (first === 'upload' || first === 'download') return second === 'storage' && third === 'v1'
  return first === 'storage' && second === 'v1'
}

/** An empty piece names nothing: `/b/photos/` is not the bucket, nor anything that could be deleted in its place. */
function below([, , ...rest]: readonly string[]): readonly string[] {
  return rest.includes('') ? refuse('noMethod') : rest
}

function bucketsRoute(cloud: Cloud, method: string, call: Call): Answering {
  if (method === 'GET') return buckets.listBuckets(cloud, call)
  if (method === 'POST') return buckets.createBucket(cloud, call)
  return refuse('methodNotAllowed')
}

function bucketRoute(cloud: Cloud, method: string, name: string, call: Call): Answering {
  const bucket = bucketFor(cloud, name, call)
  if (method === 'GET') return buckets.getBucket(bucket, call)
  if (method === 'PATCH') return buckets.patchBucket(cloud, bucket, call)
  if (method === 'DELETE') return buckets.deleteBucket(cloud, bucket, call)
  return refuse('methodNotAllowed')
}

function objectsRoute(cloud: Cloud, method: string, name: string, call: Call): Answering {
  const bucket = bucketFor(cloud, name, call)
  if (method === 'GET') return listObjects(bucket, call)
  return refuse(method === 'POST' ? 'wrongUrlForUpload' : 'methodNotAllowed')
}

function objectRoute(cloud: Cloud, method: string, name: string, key: string, call: Call): Answering {
  const bucket = bucketFor(cloud, name, call)
  switch (method) {
    case 'GET':
      return getObject(cloud, bucket, key, call)
    case 'PATCH':
      return updateObject(cloud, bucket, key, call, patched)
    case 'PUT':
      return updateObject(cloud, bucket, key, call, replaced)
    case 'DELETE':
      return deleteObject(cloud, bucket, key, generationAsked(call), preconditionsOf(call.query, 'if'))
    default:
      return refuse('methodNotAllowed')
  }
}

function downloadRoute(cloud: Cloud, method: string, segments: readonly string[], call: Call): Answering {
  const [collection, bucket, objects, object, ...more] = segments
  if (collection !== 'b' || objects !== 'o' || bucket === undefined || object === undefined || more.length > 0)
    refuse('noMethod')
  if (method !== 'GET') refuse('methodNotAllowed')
  return getMedia(cloud, bucketFor(cloud, bucket, call), object, call)
}

function uploadRoute(cloud: Cloud, method: string, segments: readonly string[], call: Call): Answering {
  const [collection, name, objects, ...more] = segments
  if (collection !== 'b' || objects !== 'o' || name === undefined || more.length > 0) refuse('noMethod')
  const bucket = bucketFor(cloud, name, call)
  const session = call.query('upload_id')
  if (session === null) return method === 'POST' ? upload(cloud, bucket, call) : refuse('methodNotAllowed')
  if (method === 'PUT' || method === 'POST') return continueSession(cloud, bucket, session, call)
  if (method === 'DELETE') return cancelSession(cloud, bucket, session)
  return refuse('methodNotAllowed')
}
