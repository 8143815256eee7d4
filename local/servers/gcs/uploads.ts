import type { Bucket } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketFactsOf } from './bucket-facts.ts'
import type { Call } from './call.ts'
import { both, type Promised, promisedInHeaders, verify } from './checksums.ts'
import { type Cloud, changeWith, store } from './cloud.ts'
import { askKms, customerKeyOf } from './encryption.ts'
import { type Facts, md5Of, type Said } from './facts.ts'
import { json } from './json.ts'
import { objectName } from './names.ts'
import { type Preconditions, preconditionsOf } from './preconditions.ts'
import { refuse, refuseParameter } from './refusals.ts'
import { relatedParts } from './related.ts'
import { resourceOf } from './resource.ts'
import { beginSession } from './resumable.ts'
import { type ObjectBody, parseJson, parseObjectBody, promisedIn, saidOf } from './said.ts'

/** What a request to upload says before its bytes: a resumable one keeps it until they are there. */
export type Intent = Pick<Facts, 'keySha256' | 'kmsKeyName'> & {
  readonly key: string
  readonly said: Said
  readonly promised: Promised
  readonly preconditions: Preconditions
}

/** `POST /upload/storage/v1/b/BUCKET/o`, in the three forms that the JSON API has. */
export async function upload(cloud: Cloud, bucket: Bucket, call: Call): Promise<Answer> {
  const uploadType = call.query('uploadType')
  switch (uploadType) {
    case 'media': {
      const contentType = call.header('content-type')
      return take(cloud, bucket, call, intentOf(cloud, bucket, call, {}, contentType), call.body)
    }
    case 'multipart': {
      const { document, mediaType, media } = await relatedParts(call.header('content-type') ?? '', call.body)
      return take(cloud, bucket, call, intentOf(cloud, bucket, call, parseJson(document), mediaType), media)
    }
    case 'resumable': {
      const document = parseJson(await call.text())
      const intent = intentOf(cloud, bucket, call, document, call.header('x-upload-content-type'))
      return beginSession(cloud, bucket, call, intent)
    }
    default:
      return refuseParameter('uploadType', uploadType, 'media, multipart or resumable')
  }
}

/** Its conditions are asked when the bytes are there: the cloud lets a resumable upload begin that will be refused at its end. */
function intentOf(cloud: Cloud, bucket: Bucket, call: Call, document: unknown, contentType: string | null): Intent {
  const body = parseObjectBody(document)
  const { storageClass } = bucketFactsOf(bucket)
  return {
    key: nameOf(call, body),
    said: saidOf(body, { ...(contentType === null ? {} : { contentType }), storageClass }),
    promised: promisedIn(body),
    preconditions: preconditionsOf(call.query, 'if'),
    ...keysOf(cloud, bucket, call),
  }
}

/** In the query, in the resource, or the same in both. */
function nameOf(call: Call, body: ObjectBody): string {
  const asked = call.query('name')
  const said = body.name ?? null
  if (asked !== null && said !== null && asked !== said)
    refuse('invalid', `Value '${said}' in content does not agree with value '${asked}'.`)
  return objectName(asked ?? said ?? refuse('missing', 'Required parameter: name'))
}

/** The customer's own key, or the name of one in Cloud KMS: this request's or the bucket's. */
export function keysOf(
  cloud: Cloud,
  bucket: Bucket,
  call: Call,
  parameter: string = 'kmsKeyName',
): Pick<Facts, 'keySha256' | 'kmsKeyName'> {
  const keySha256 = customerKeyOf(call.header, 'x-goog-encryption')
  const asked = call.query(parameter) ?? call.header('x-goog-encryption-kms-key-name')
  if (keySha256 !== null && asked !== null) refuse('invalid', 'An object has one key: its own or one of Cloud KMS.')
  const kmsKeyName = keySha256 === null ? (asked ?? bucketFactsOf(bucket).kmsKeyName) : null
  askKms(kmsKeyName, cloud.kmsKeys)
  return { keySha256, kmsKeyName }
}

async function take(
  cloud: Cloud,
  bucket: Bucket,
  call: Call,
  intent: Intent,
  media: AsyncIterable<Uint8Array>,
): Promise<Answer> {
  const content = await cloud.engine.take(media, ['crc32c', 'md5'])
  const md5 = md5Of(content)
  const birth = { ...intent, content, md5, componentCount: null }
  const entry = await changeWith(cloud, bucket, birth, (change) => {
    verify(both(intent.promised, promisedInHeaders(call.header)), content, md5)
    return store(bucket, change, birth, intent.preconditions)
  })
  return json(resourceOf(call.base, bucket, entry, true))
}
