import type { Answer, Explanation, Operation, Referee } from '#test/differential/operation.ts'
import { sourceOf } from './learn.ts'
import { algorithms, hasChecksum } from './said.ts'
import type { S3State, Version } from './state.ts'

type Why = Explanation<S3State>

/** The version that a read is about. */
function readOf({ bucket, key, request: { query } }: Operation, before: S3State): Version | null {
  const id = query['versionId']
  if (id === undefined) return before.live(bucket, key)
  return before.versions(bucket, key).find((one) => one.id === id) ?? null
}

/** Where one side refuses what the other does, nothing else of their answers is alike. */
function parted(ours: string, theirs: string): Why['masks'] {
  return (_, our: Answer, their: Answer) => our['status'] === ours && their['status'] === theirs
}

const unstatedChecksum: Why = {
  name: 'a checksum that nobody stated',
  applies(operation, before) {
    const { kind, request } = operation
    if (kind === 'put') return !hasChecksum(request.headers) && request.headers['x-amz-trailer'] === undefined
    if (kind === 'complete' || kind === 'list parts')
      return before.uploads.get(request.query['uploadId'] ?? '')?.algorithm === null
    return /^(?:get|head)(?: a version)?$/.test(kind) && readOf(operation, before)?.stated === false
  },
  masks: ({ field, theirs }) =>
    /(?:x-amz-checksum-|Checksum)(?:crc64nvme|CRC64NVME|type|Type)$/.test(field) && theirs === null,
}

const wrongChecksum: Why = {
  name: 'the code for a wrong checksum',
  applies: ({ kind, request }) => kind === 'put' && hasChecksum(request.headers),
  masks: ({ field, ours, theirs }) =>
    field === 'code' && ours === 'BadDigest' && theirs === 'XAmzContentChecksumMismatch',
}

const conditionalDelete: Why = {
  name: 'a condition on a deletion',
  applies: ({ kind, request }) => kind === 'delete' && request.headers['if-match'] !== undefined,
  masks: (difference, ours, theirs) =>
    ours['status'] !== '204' && parted(ours['status'] ?? '', '204')(difference, ours, theirs),
}

const conditionalCopy: Why = {
  name: 'create-only on the target of a copy',
  applies: ({ kind, request, bucket, key }, before) =>
    kind.startsWith('copy') && request.headers['if-none-match'] === '*' && before.live(bucket, key) !== null,
  masks: parted('412', '200'),
}

const deletionOfNothing: Why = {
  name: 'a deletion where nothing shows',
  applies: ({ kind, bucket, changes }, before) =>
    (kind === 'delete' || kind === 'delete several') &&
    bucket === 'versioned' &&
    changes.some((key) => before.live(bucket, key) === null),
  masks: ({ field, ours, theirs }) =>
    ours !== null && theirs === null && /version-id$|delete-marker$|DeleteMarker/.test(field),
  silent: true,
}

const behindNoPart: Why = {
  name: 'parts behind one that is not there',
  applies: ({ kind, request: { query } }, before) =>
    kind === 'list parts' &&
    query['part-number-marker'] !== undefined &&
    before.uploads.get(query['uploadId'] ?? '')?.parts.has(Number(query['part-number-marker'])) === false,
  masks: ({ theirs, field }) => theirs === null || field.endsWith('IsTruncated'),
}

const markersAmongSeveral: Why = {
  name: 'delete markers among several versions that go',
  applies: ({ kind, changes, request }, before) =>
    kind === 'delete several versions' &&
    changes.some((key) =>
      before.versions('versioned', key).some(({ id, marker }) => marker && String(request.body).includes(id)),
    ),
  masks: ({ field, theirs }) => /\.DeleteMarker(?:VersionId)?$/.test(field) && theirs === null,
}

const markerOfOldListing: Why = {
  name: 'where an old listing goes on, without a delimiter',
  applies: ({ kind, request: { query } }) =>
    kind === 'list as of old' && query['delimiter'] === undefined && query['max-keys'] !== undefined,
  masks: ({ field, ours }) => field === 'ListBucketResult.NextMarker' && ours === null,
}

/** MinIO counts deleted keys: a page ends before them as if more followed, and they make common prefixes. */
const deletedInListing: Why = {
  name: 'keys of which only a delete marker shows, in a listing',
  applies: ({ kind, bucket, request: { query } }, before) =>
    (kind === 'list' || kind === 'list as of old') &&
    bucket === 'versioned' &&
    before.all(bucket).some(({ key }) => key.startsWith(query['prefix'] ?? '') && before.live(bucket, key) === null),
  masks: ({ field }) => /KeyCount$|CommonPrefixes|Contents|IsTruncated$|Next/.test(field),
}

const pieceOfNothing: Why = {
  name: 'a piece that is not there',
  applies(operation, before) {
    const { kind, request } = operation
    const version = readOf(operation, before)
    const part = request.query['partNumber']
    if (version === null || !(/^(?:get|head)/.test(kind) || kind === 'read a part')) return false
    if (part !== undefined && Number(part) > Math.max(1, version.parts)) return true
    return version.size === 0 && (part !== undefined || request.headers['range'] !== undefined)
  },
  masks: (difference, ours, theirs) =>
    parted('416', '206')(difference, ours, theirs) || parted('200', '206')(difference, ours, theirs),
}

const fullLastPage: Why = {
  name: 'the last page of a continued listing, if it is full',
  applies: ({ request: { query } }) => query['continuation-token'] !== undefined && query['max-keys'] !== undefined,
  masks: ({ field, ours }, our, their) =>
    /\.(?:IsTruncated|NextContinuationToken)$/.test(field) &&
    ours !== 'true' &&
    their['ListBucketResult.IsTruncated'] === 'true' &&
    their['ListBucketResult.KeyCount'] === our['ListBucketResult.MaxKeys'],
}

const copiedPart: Why = {
  name: 'a part copied into an upload with an algorithm',
  applies: ({ kind, request: { query } }, before) =>
    kind === 'part from a copy' &&
    algorithms.some((name) => name === before.uploads.get(query['uploadId'] ?? '')?.algorithm),
  masks: parted('200', '400'),
}

const copiedMarker: Why = {
  name: 'a copy of a delete marker',
  applies: (operation, before) =>
    operation.kind === 'copy of a version' && sourceOf(before, operation)?.marker === true,
  masks: ({ field }, ours, theirs) =>
    parted('400', '405')({} as never, ours, theirs) && /^(?:status|code)$/.test(field),
}

const noPath: Why = {
  name: 'a key that is no path',
  applies: ({ key, changes, request }) =>
    [key, ...changes, request.headers['x-amz-copy-source'] ?? ''].some((name) => /\/\/|(?:^|\/)\.{1,2}\//.test(name)),
  masks: (_, __, theirs) => theirs['status'] === '400' || theirs['status'] === '404',
}

const lateUpload: Why = {
  name: 'an upload that began before what is newest',
  applies: ({ kind, bucket, key, request: { query } }, before) => {
    const upload = before.uploads.get(query['uploadId'] ?? '')
    const [newest] = before.versions(bucket, key)
    return kind === 'complete' && upload !== undefined && newest !== undefined && newest.made.at > upload.begun.at
  },
  // S3 refuses to create where a deletion came meanwhile.
  masks: parted('409', '200'),
  silent: true,
}

/** Where MinIO is not S3. Each has its place in docs/decisions, with the documentation that judges. */
export const minio: Referee<S3State> = {
  name: 'MinIO',
  explanations: [
    unstatedChecksum,
    wrongChecksum,
    conditionalDelete,
    conditionalCopy,
    deletionOfNothing,
    behindNoPart,
    markersAmongSeveral,
    markerOfOldListing,
    deletedInListing,
    pieceOfNothing,
    fullLastPage,
    copiedPart,
    copiedMarker,
    noPath,
    lateUpload,
  ],
  silences: [
    { of: 'theirs', kinds: /^list(?: as of old| versions| uploads)?$/, fields: /\.Checksum(?:Algorithm|Type)$/ },
    { of: 'theirs', kinds: /^list uploads$/, fields: /\.NextKeyMarker$/ },
    { of: 'theirs', kinds: /^list uploads$/, fields: /\.Upload(?:\.\d+)?\.StorageClass$/ },
    { of: 'ours', kinds: /^list versions$/, fields: /\.DeleteMarker(?:\.\d+)?\.(?:Size|StorageClass)$/ },
    { of: 'theirs', kinds: /^copy/, fields: /^CopyObjectResult\.Checksum/ },
    { of: 'theirs', kinds: /^copy$/, fields: /^x-amz-copy-source-version-id$/ },
    { of: 'theirs', kinds: /^part from a copy$/, fields: /^CopyPartResult\.Checksum/ },
    { of: 'theirs', kinds: /^complete$/, fields: /^CompleteMultipartUploadResult\.ChecksumType$/ },
    { of: 'theirs', kinds: /^get tags$/, fields: /^x-amz-version-id$/ },
  ],
}
