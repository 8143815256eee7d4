import type { Explanation, Referee } from '#test/differential/operation.ts'
import { sourceOf } from './learn.ts'
import type { AzureState } from './state.ts'

type Why = Explanation<AzureState>

/** Whether nothing but blocks that wait is under a name. */
function onlyWaits(before: AzureState, key: string): boolean {
  return !before.blobs.has(key) && (before.waiting.get(key)?.size ?? 0) > 0
}

const onlyBlocksWait: Why = {
  name: 'a name under which only blocks wait',
  applies({ kind, key, request: { headers, query } }, before) {
    if (kind === 'get block list') return onlyWaits(before, key)
    if (kind === 'list' && query['include'] === 'uncommittedblobs')
      return [...before.waiting.keys()].some((one) => onlyWaits(before, one))
    const writes = kind === 'put' || kind === 'copy' || kind === 'put block list'
    const asks = headers['if-none-match'] !== undefined || headers['if-match'] !== undefined
    return writes && asks && onlyWaits(before, key)
  },
  masks: ({ field }, ours, theirs) =>
    theirs['code'] === 'BlobAlreadyExists' ||
    ours['status'] === '412' ||
    /^(?:etag|last-modified|x-ms-blob-content-length)$|Properties/.test(field),
}

const blocksUnderWhole: Why = {
  name: 'blocks that wait where a blob is written whole or deleted',
  applies: ({ kind, key }, before) =>
    ['put', 'copy', 'delete'].includes(kind) && (before.waiting.get(key)?.size ?? 0) > 0,
  masks: () => false,
  silent: true,
}

const md5OfBlock: Why = {
  name: 'the MD5 that came with a block, in the answer',
  applies: ({ kind, request: { headers } }) => kind === 'put block' && headers['content-md5'] !== undefined,
  masks: ({ field, theirs }) => field === 'content-md5' && theirs === null,
}

const md5OfList: Why = {
  name: 'the MD5 of a block list that came without one',
  applies: ({ kind, request: { headers } }) => kind === 'put block list' && headers['content-md5'] === undefined,
  masks: ({ field, ours }) => field === 'content-md5' && ours === null,
}

const unstatedMd5: Why = {
  name: 'the MD5 of a blob whose block list stated none',
  applies: ({ kind, request: { headers } }) =>
    kind === 'put block list' && headers['x-ms-blob-content-md5'] === undefined,
  masks: () => false,
  silent: true,
}

const clearedMd5: Why = {
  name: 'the MD5 after properties were set without one',
  applies: ({ kind, request: { headers } }) =>
    kind === 'set properties' && headers['x-ms-blob-content-md5'] === undefined,
  masks: () => false,
  silent: true,
}

const keptTier: Why = {
  name: 'whether the tier of what is written was set',
  applies(operation, before) {
    const { kind, key, request } = operation
    const named = request.headers['x-ms-access-tier'] !== undefined
    const over = !named && before.blobs.get(key)?.tiered === true
    if (kind === 'copy') return over || sourceOf(before, operation)?.tiered !== named
    return over && (kind === 'put' || kind === 'put block list')
  },
  masks: () => false,
  silent: true,
}

const rangeOfNothing: Why = {
  name: 'a range that begins where the blob ends',
  applies: ({ kind, key, request: { query, headers } }, before) => {
    const { snapshot } = query
    const size = snapshot === undefined ? before.blobs.get(key)?.size : before.sizes.get(snapshot)
    const [, start] = /^bytes=(\d+)-/.exec(headers['range'] ?? headers['x-ms-range'] ?? '') ?? []
    return kind.startsWith('get a range') && size === Number(start)
  },
  masks: (_, ours, theirs) => ours['status'] === '416' && theirs['status'] === '206',
}

const md5OfRange: Why = {
  name: 'the MD5 of a range that is all of a blob',
  applies: ({ kind, request: { headers } }) =>
    kind === 'get a range' && headers['x-ms-range-get-content-md5'] !== undefined,
  masks: ({ field, ours, theirs }, our) =>
    field === 'content-md5' && ours !== null && theirs !== null && wholeRange.test(our['content-range'] ?? ''),
}

/** From the first byte on, as far as the blob goes. */
const wholeRange = /^bytes 0-/

const brokenLease: Why = {
  name: 'a broken lease, after what makes no new ETag',
  applies: ({ kind, key }, before) =>
    ['set tags', 'set tier', 'put block'].includes(kind) && before.blobs.get(key)?.broken === true,
  masks: () => false,
  silent: true,
}

const blockUnderLease: Why = {
  name: 'a block of a leased blob that has snapshots',
  applies: ({ kind, key }, before) => {
    const blob = before.blobs.get(key)
    return kind === 'put block' && blob !== undefined && blob.lease !== null && blob.snapshots.length > 0
  },
  masks: (_, ours, theirs) => ours['status'] !== theirs['status'],
}

const copiedOnce: Why = {
  name: 'a blob that was copied, after its next change',
  applies: ({ kind, key }, before) =>
    ['put block list', 'set metadata', 'set properties'].includes(kind) && before.blobs.get(key)?.made.kind === 'copy',
  masks: () => false,
  silent: true,
}

const cutSnapshots: Why = {
  name: 'a page that ends among snapshots',
  applies: ({ kind, request: { query } }) => kind === 'list snapshots' && query['maxresults'] !== '5000',
  masks: ({ field }) => field.startsWith('EnumerationResults.'),
}

/** Where Azurite is not Azure Blob. Each has its place in docs/decisions, with the documentation that judges. */
export const azurite: Referee<AzureState> = {
  name: 'Azurite',
  explanations: [
    onlyBlocksWait,
    blocksUnderWhole,
    md5OfBlock,
    md5OfList,
    unstatedMd5,
    clearedMd5,
    keptTier,
    rangeOfNothing,
    md5OfRange,
    brokenLease,
    blockUnderLease,
    copiedOnce,
    cutSnapshots,
  ],
  silences: [
    { of: 'ours', kinds: /^get(?: a snapshot)?$/, fields: /^x-ms-blob-content-md5$/ },
    { of: 'ours', kinds: /^(?:get|head).* a snapshot$/, fields: /^x-ms-lease-/ },
    { of: 'ours', kinds: /^list/, fields: /\.(?:AccessTierChangeTime|Copy\w+|IncrementalCopy)$/ },
  ],
}
