import type { Answer, Operation } from '#test/differential/operation.ts'
import type { AzureState, Blob } from './state.ts'

/** What is there after an operation, by our answer to it. */
export function learnAzure(state: AzureState, operation: Operation, answer: Answer): void {
  const { at, kind, key, request } = operation
  if (kind.startsWith('list')) state.cut = answer['EnumerationResults.NextMarker'] === undefined ? null : operation
  if (!answer['status']?.startsWith('2')) return
  const blob = state.blobs.get(key)
  const etag = `"‹etag ${at}›"`
  switch (kind) {
    case 'put':
      place(state, operation, { size: Buffer.from(request.body).length, blocks: null })
      return
    case 'copy': {
      const source = sourceOf(state, operation)
      place(state, operation, { size: source?.size ?? 0, blocks: source?.blocks ?? null })
      return
    }
    case 'put block list': {
      const ids = [...String(request.body).matchAll(/<(?:Committed|Uncommitted|Latest)>(.*?)</g)].map(
        ([, id = '']) => id,
      )
      place(state, operation, { size: sizeOf(state, key, ids), blocks: ids })
      return
    }
    case 'put block': {
      const waiting = state.waiting.get(key) ?? new Map<string, number>()
      state.waiting.set(key, waiting.set(request.query['blockid'] ?? '', Buffer.from(request.body).length))
      return
    }
    case 'delete':
      if (request.headers['x-ms-delete-snapshots'] === 'only') blob?.snapshots.splice(0)
      else state.forget(key)
      return
    case 'set metadata':
    case 'set properties':
      if (blob !== undefined) Object.assign(blob, { etag, broken: false })
      return
    case 'set tier':
      if (blob !== undefined) blob.tiered = true
      return
    case 'take a snapshot':
      blob?.snapshots.push(`‹snapshot ${at}›`)
      state.sizes.set(`‹snapshot ${at}›`, blob?.size ?? 0)
      return
    case 'delete a snapshot':
      blob?.snapshots.splice(blob.snapshots.indexOf(request.query['snapshot'] ?? ''), 1)
      return
    default:
      if (!kind.startsWith('lease') || blob === undefined) return
      blob.lease = leaseAfter(operation)
      blob.broken = kind === 'lease: break'
  }
}

/** Committed blocks are at least a byte each: whether there is any is all that is asked. */
function sizeOf(state: AzureState, key: string, ids: readonly string[]): number {
  return ids.reduce((sum, id) => sum + (state.waiting.get(key)?.get(id) ?? 1), 0)
}

/** A tier that was set stays with the name. */
function place(state: AzureState, made: Operation, { size, blocks }: Pick<Blob, 'size' | 'blocks'>): void {
  const former = state.blobs.get(made.key)
  const tiered = former?.tiered === true || made.request.headers['x-ms-access-tier'] !== undefined
  const kept = { lease: former?.lease ?? null, broken: false, snapshots: former?.snapshots ?? [] }
  state.blobs.set(made.key, { etag: `"‹etag ${made.at}›"`, size, made, blocks, tiered, ...kept })
  state.waiting.delete(made.key)
}

export function sourceOf(state: AzureState, { request: { headers } }: Operation): Blob | undefined {
  const path = (headers['x-ms-copy-source'] ?? '').replace('‹base›/‹container›/', '')
  return state.blobs.get(decodeURIComponent(path))
}

function leaseAfter({ request: { headers } }: Operation): string | null {
  const action = headers['x-ms-lease-action']
  if (action === 'release' || action === 'break') return null
  return (action === 'renew' ? headers['x-ms-lease-id'] : headers['x-ms-proposed-lease-id']) ?? null
}
