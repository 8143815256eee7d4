import type { Answer, Operation } from '#test/differential/operation.ts'
import type { GcsState } from './state.ts'

/** What is there after an operation, by our answer to it. */
export function learnGcs(state: GcsState, operation: Operation, answer: Answer): void {
  const { at, kind, bucket, key, request } = operation
  if (kind.startsWith('list')) state.cut = answer['nextPageToken'] === undefined ? null : operation
  const [session = ''] = request.path
  if (kind === 'first piece' && answer['status'] === '308') state.pieces.set(session, Buffer.from(request.body).length)
  if (kind === 'last piece') state.sessions.delete(session)
  if (!answer['status']?.startsWith('2')) return
  if (kind === 'begin a session') {
    const id = `‹session ${at}›`
    state.sessions.set(id, { id, bucket, key, began: operation })
    return
  }
  if (kind === 'delete') state.cover(bucket, key)
  if (kind === 'delete a generation') state.remove(bucket, key, request.query['generation'] ?? '')
  const makes = kind.startsWith('put') || kind.startsWith('copy') || kind === 'compose' || kind === 'last piece'
  if (!makes) return
  const size = Number(answer['size'] ?? answer['resource.size'] ?? '0')
  state.add(bucket, key, { id: `‹generation ${at}›`, live: true, size, made: operation })
}
