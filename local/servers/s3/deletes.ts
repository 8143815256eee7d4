import type { Bucket, Transaction } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketOf, type Call, demandXml, emptyAnswer, parameter, xmlAnswer } from './call.ts'
import { notImplemented, Refusal } from './errors.ts'
import { checkLock } from './outcomes.ts'
import { checkDelete } from './preconditions.ts'
import { checkId, cover, type Deleted, uncover } from './versioning.ts'
import { element, type Element, malformed, type Markup, node, nothing, root } from './xml.ts'

export function deleteObject(call: Call): Answer {
  const bucket = bucketOf(call)
  const wish: Wish = {
    key: call.address.key,
    id: parameter(call, 'versionId'),
    etag: call.headers.get('if-match') ?? null,
  }
  const { id, marker } = bucket.transact((change) => remove(call, bucket, change, wish))
  return emptyAnswer(204, {
    ...(id === null ? {} : { 'x-amz-version-id': id }),
    ...(marker ? { 'x-amz-delete-marker': 'true' } : {}),
  })
}

interface Wish {
  readonly key: string
  readonly id: string | null
  readonly etag: string | null
}

function remove(call: Call, bucket: Bucket, change: Transaction, { key, id, etag }: Wish): Deleted {
  if (id !== null) checkId(id)
  checkDelete(key, etag, { live: change.live(key), newest: change.newest(key) })
  if (id === null) return cover(change, bucket, key, call.now())
  checkLock(call.outcomes, { bucket: bucket.name, key })
  return uncover(change, key, id)
}

const keysMax = 1000

/** Each key for itself: one that is refused holds up no other. */
export async function deleteObjects(call: Call): Promise<Answer> {
  const bucket = bucketOf(call)
  if (call.payload.stated === null && !call.headers.has('content-md5')) {
    throw new Refusal('InvalidRequest', 'Content-MD5: found none, expected it or another checksum')
  }
  const document = await demandXml(call, 'Delete')
  const quiet = document.text('Quiet') === 'true'
  const wishes = document.all('Object').map(wishOf)
  if (wishes.length === 0 || wishes.length > keysMax) {
    throw malformed(`found ${wishes.length} keys, expected 1 to ${keysMax}`)
  }
  const results = bucket.transact((change) => wishes.map((wish) => attempt(call, bucket, change, wish, quiet)))
  return xmlAnswer(root('DeleteResult', ...results))
}

function wishOf(object: Element): Wish {
  for (const name of ['LastModifiedTime', 'Size']) {
    if (object.text(name) !== null) throw notImplemented(`${name} as a condition, which is for directory buckets`)
  }
  return { key: object.demand('Key'), id: object.text('VersionId'), etag: object.text('ETag') }
}

function attempt(call: Call, bucket: Bucket, change: Transaction, wish: Wish, quiet: boolean): Markup {
  const named = [element('Key', wish.key), ...(wish.id === null ? [] : [element('VersionId', wish.id)])]
  try {
    const { id, marker } = remove(call, bucket, change, wish)
    if (quiet) return nothing
    const markerElements = marker ? [element('DeleteMarker', true), element('DeleteMarkerVersionId', id ?? '')] : []
    return node('Deleted', ...named, ...markerElements)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return node('Error', ...named, element('Code', error.code), element('Message', error.message))
  }
}
