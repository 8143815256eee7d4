import type { Address } from './address.ts'
import * as buckets from './buckets.ts'
import type { Verb } from './call.ts'
import { completeUpload } from './complete.ts'
import { copyObject } from './copies.ts'
import { deleteObject, deleteObjects } from './deletes.ts'
import { notImplemented, Refusal } from './errors.ts'
import { listObjects, listObjectsV1 } from './listings.ts'
import { getObject, headObject } from './reads.ts'
import { deleteTagging, getTagging, putTagging } from './tagging.ts'
import { listParts, listUploads } from './upload-listings.ts'
import { abortUpload, createUpload, uploadPart, uploadPartCopy } from './uploads.ts'
import { listVersions } from './version-listings.ts'
import { putObject } from './writes.ts'

type Scope = 'all' | 'bucket' | 'object'

export interface Route {
  readonly verb: Verb
  /** Parameters that a request must have to be this one. */
  readonly marked: readonly string[]
  /** Parameters that it may have beside. */
  readonly takes?: readonly string[]
  /** Whether it is this one only with `x-amz-copy-source`. */
  readonly copies?: true
  /** Whether checksums in the headers are those of the object, not of the body. */
  readonly statesObject?: true
}

const paged = ['prefix', 'delimiter', 'encoding-type', 'max-keys']

/** The first that fits is it. A verb enters with its first caller. */
const routes: Readonly<Record<Scope, Readonly<Record<string, readonly Route[]>>>> = {
  all: { GET: [{ verb: buckets.listBuckets, marked: [] }] },
  bucket: {
    GET: [
      { verb: buckets.getLocation, marked: ['location'] },
      { verb: buckets.getVersioning, marked: ['versioning'] },
      { verb: listVersions, marked: ['versions'], takes: [...paged, 'key-marker', 'version-id-marker'] },
      {
        verb: listUploads,
        marked: ['uploads'],
        takes: ['prefix', 'delimiter', 'encoding-type', 'max-uploads', 'key-marker', 'upload-id-marker'],
      },
      {
        verb: listObjects,
        marked: ['list-type'],
        takes: [...paged, 'continuation-token', 'start-after', 'fetch-owner'],
      },
      { verb: listObjectsV1, marked: [], takes: [...paged, 'marker'] },
    ],
    PUT: [
      { verb: buckets.putVersioning, marked: ['versioning'] },
      { verb: buckets.createBucket, marked: [] },
    ],
    HEAD: [{ verb: buckets.headBucket, marked: [] }],
    DELETE: [{ verb: buckets.deleteBucket, marked: [] }],
    POST: [{ verb: deleteObjects, marked: ['delete'] }],
  },
  object: {
    GET: [
      { verb: listParts, marked: ['uploadId'], takes: ['max-parts', 'part-number-marker'] },
      { verb: getTagging, marked: ['tagging'], takes: ['versionId'] },
      { verb: getObject, marked: [], takes: ['versionId', 'partNumber'] },
    ],
    HEAD: [{ verb: headObject, marked: [], takes: ['versionId', 'partNumber'] }],
    PUT: [
      { verb: uploadPartCopy, marked: ['partNumber', 'uploadId'], copies: true },
      { verb: uploadPart, marked: ['partNumber', 'uploadId'] },
      { verb: putTagging, marked: ['tagging'], takes: ['versionId'] },
      { verb: copyObject, marked: [], copies: true },
      { verb: putObject, marked: [] },
    ],
    POST: [
      { verb: createUpload, marked: ['uploads'] },
      { verb: completeUpload, marked: ['uploadId'], statesObject: true },
    ],
    DELETE: [
      { verb: abortUpload, marked: ['uploadId'] },
      { verb: deleteTagging, marked: ['tagging'], takes: ['versionId'] },
      { verb: deleteObject, marked: [], takes: ['versionId'] },
    ],
  },
}

export function routeFor(method: string, { bucket, key, query }: Address, copies: boolean): Route {
  const scope: Scope = bucket === '' ? 'all' : key === '' ? 'bucket' : 'object'
  const names = query.query.map(({ name }) => name).filter((name) => !isAside(name))
  const route = routes[scope][method]?.find(
    (one) => one.marked.every((name) => names.includes(name)) && (one.copies !== true || copies),
  )
  if (route === undefined) {
    if (names.length > 0) throw notImplemented(`${method} with ${names.join(', ')}`)
    throw new Refusal('MethodNotAllowed', `${method}: what the address names does not take it.`)
  }
  const strange = names.find((name) => ![...route.marked, ...(route.takes ?? [])].includes(name))
  if (strange !== undefined) throw notImplemented(`the parameter ${strange}`)
  return route
}

/** Signatures and hoisted headers in the query, and the name of the operation that SDKs add. */
function isAside(name: string): boolean {
  return name === 'x-id' || /^x-amz-/i.test(name)
}

/** What this server takes into account, or may leave out of account without a lie. */
const headers =
  /^x-amz-(date|content-sha256|decoded-content-length|trailer|user-agent|meta-.+|tagging|tagging-directive|metadata-directive|storage-class|checksum-(crc32|crc32c|crc64nvme|sha1|sha256|mode|type|algorithm)|sdk-checksum-algorithm|copy-source(-range|-if-(none-)?match|-if-(un)?modified-since)?|mp-object-size|request-payer|(copy-source-)?server-side-encryption-customer-(algorithm|key|key-md5))$/

/** A header that asks for what is not done here is refused: nothing is left out in silence. */
export function checkHeaders(method: string, given: ReadonlyMap<string, string>): void {
  const writes = method !== 'GET' && method !== 'HEAD'
  for (const [name, value] of given) {
    if (!name.startsWith('x-amz-')) continue
    if (headers.test(name) && !(writes && name.startsWith('x-amz-server-side-encryption-customer'))) continue
    if (name === 'x-amz-security-token') {
      throw new Refusal(
        'InvalidToken',
        'x-amz-security-token: found one, expected none: this server gives no session keys',
      )
    }
    // The owner alone may, as it is with no access list at all.
    if (name === 'x-amz-acl' && (value === 'private' || value === 'bucket-owner-full-control')) continue
    if (name === 'x-amz-server-side-encryption' && value === 'AES256') continue
    throw notImplemented(`the header ${name}: ${value}`)
  }
}
