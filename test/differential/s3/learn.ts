import type { Answer, Operation } from '#test/differential/operation.ts'
import { md5Hex } from '#test/differential/content.ts'
import { big } from './draw-parts.ts'
import { algorithms, hasChecksum } from './said.ts'
import type { Part, S3State, Version } from './state.ts'

/** What is there after an operation, by our answer to it. */
export function learnS3(state: S3State, operation: Operation, answer: Answer): void {
  const { kind, bucket, key, request } = operation
  if (kind === 'list') state.cut = answer['ListBucketResult.IsTruncated'] === 'true' ? operation : null
  if (!answer['status']?.startsWith('2')) return
  switch (kind) {
    case 'put':
      state.add(bucket, key, made(operation, answer, unquoted(answer['etag'])))
      return
    case 'copy':
    case 'copy of a version':
      state.add(bucket, key, copied(state, operation, answer))
      return
    case 'delete':
      remove(state, operation, answer['x-amz-version-id'] ?? null)
      return
    case 'delete several':
      operation.changes.forEach((key, i) => {
        remove(state, { ...operation, key }, bucket === 'plain' ? null : `‹version ${operation.at}.${i}›`)
      })
      return
    case 'delete a version':
      state.remove(bucket, key, request.query['versionId'] ?? '')
      return
    case 'delete several versions':
      for (const [, id] of String(request.body).matchAll(/<VersionId>(.*?)<\/VersionId>/g)) {
        for (const key of operation.changes) state.remove(bucket, key, id ?? '')
      }
      return
    default:
      learnParts(state, operation, answer)
  }
}

function made(operation: Operation, answer: Answer, etag: string): Version {
  const { headers, body } = operation.request
  const stated = hasChecksum(headers) || headers['x-amz-trailer'] !== undefined
  const size = Number(headers['x-amz-decoded-content-length'] ?? Buffer.from(body).length)
  return {
    id: answer['x-amz-version-id'] ?? '',
    marker: false,
    etag,
    made: operation,
    parts: 0,
    size,
    stated,
    expires: headers['expires'] !== undefined,
  }
}

/** Its bytes, and what was stated of them, are the source's. */
function copied(state: S3State, operation: Operation, answer: Answer): Version {
  const version = made(operation, answer, unquoted(answer['CopyObjectResult.ETag']))
  const source = sourceOf(state, operation)
  return { ...version, size: source?.size ?? 0, stated: source?.stated ?? false }
}

/** What a copy reads, as far as the run knows it. */
export function sourceOf(state: S3State, { request: { headers } }: Operation): Version | null {
  const [, bucket = '', path = '', id] =
    /^\/‹bucket (\w+)›\/(.*?)(?:\?versionId=(.*))?$/.exec(headers['x-amz-copy-source'] ?? '') ?? []
  const key = decodeURIComponent(path)
  if (id === undefined) return state.live(bucket, key)
  return state.versions(bucket, key).find((one) => one.id === id) ?? null
}

function remove(state: S3State, operation: Operation, id: string | null): void {
  const { bucket, key } = operation
  if (id === null || bucket === 'plain') state.remove(bucket, key, null)
  else
    state.add(bucket, key, {
      id,
      marker: true,
      etag: '',
      made: operation,
      parts: 0,
      size: 0,
      stated: false,
      expires: false,
    })
}

function learnParts(state: S3State, operation: Operation, answer: Answer): void {
  const { at, kind, bucket, key, request } = operation
  const id = request.query['uploadId'] ?? ''
  const upload = state.uploads.get(id)
  if (kind === 'begin an upload') {
    const id = `‹upload ${at}›`
    const algorithm = request.headers['x-amz-checksum-algorithm'] ?? null
    state.uploads.set(id, { id, bucket, key, begun: operation, algorithm, parts: new Map() })
    return
  }
  if (upload === undefined) return
  const number = Number(request.query['partNumber'])
  if (kind === 'part') upload.parts.set(number, partSent(operation, answer))
  if (kind === 'part from a copy') upload.parts.set(number, partCopied(operation, answer))
  if (kind === 'abort' || kind === 'complete') state.uploads.delete(id)
  if (kind !== 'complete') return
  const etag = unquoted(answer['CompleteMultipartUploadResult.ETag'])
  const [, count = '0'] = /-(\d+)$/.exec(etag) ?? []
  const size = [...upload.parts.values()].reduce((sum, part) => sum + part.size, 0)
  const { headers } = upload.begun.request
  state.add(bucket, key, {
    id: answer['x-amz-version-id'] ?? '',
    marker: false,
    etag,
    made: upload.begun,
    parts: Number(count),
    size,
    stated: upload.algorithm !== null,
    expires: headers['expires'] !== undefined,
  })
}

function partSent({ request: { headers, body } }: Operation, answer: Answer): Part {
  const bytes = Buffer.from(body)
  const name = algorithms.find((one) => headers[`x-amz-checksum-${one.toLowerCase()}`] !== undefined)
  const checksum = name === undefined ? '' : (headers[`x-amz-checksum-${name.toLowerCase()}`] ?? '')
  return { etag: unquoted(answer['etag'] ?? md5Hex(bytes)), size: bytes.length, checksum }
}

function partCopied({ request: { headers } }: Operation, answer: Answer): Part {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers['x-amz-copy-source-range'] ?? '') ?? []
  const size = first === undefined ? big.size : Number(last) - Number(first) + 1
  return { etag: unquoted(answer['CopyPartResult.ETag']), size, checksum: '' }
}

function unquoted(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '')
}
