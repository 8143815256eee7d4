import { contentOf } from '#test/differential/content.ts'
import type { Operation } from '#test/differential/operation.ts'
import { resourceFrom } from './draw-objects.ts'
import { objectsOf, type GcsPen, uploadsOf } from './draw.ts'

const kinds = { compose: 0.3, begin: 5, finish: 6, piece: 3 } as const
/** Of a piece that is not the last. */
const quantum = 256 * 1024

/** Objects of several pieces: put together from others, or sent in a session. */
export function drawParts(pen: GcsPen): Operation {
  const { chance, state } = pen
  const kind = chance.weighted<keyof typeof kinds>(kinds)
  if (kind === 'compose') return compose(pen)
  const sessions = [...state.sessions.values()]
  if (kind === 'begin' || sessions.length === 0) return begin(pen)
  const { id, bucket, key } = chance.pick(sessions)
  const common = { theme: 'parts', bucket, key, changes: [key], method: 'PUT', path: [id] } as const
  if (kind === 'piece' && !state.pieces.has(id)) {
    const body = contentOf(quantum, chance.int(0, 5))
    const headers = { 'content-range': `bytes 0-${quantum - 1}/*` }
    return pen.ask({ ...common, kind: 'first piece', headers, body })
  }
  const sent = state.pieces.get(id) ?? 0
  const body = contentOf(chance.pick([1, 100, 70_000]), chance.int(0, 5))
  const end = sent + body.length
  return pen.ask({
    ...common,
    kind: 'last piece',
    headers: { 'content-range': `bytes ${sent}-${end - 1}/${end}` },
    body,
  })
}

function compose(pen: GcsPen): Operation {
  const { chance, state } = pen
  const bucket = pen.bucket()
  const shown = state.shown(bucket)
  if (shown.length === 0) return begin(pen)
  const sources = Array.from({ length: chance.int(1, 4) }, () => chance.pick(shown))
  const key = pen.key()
  const body = JSON.stringify({ sourceObjects: sources.map((name) => ({ name })), destination: resourceFrom(chance) })
  const headers = { 'content-type': 'application/json' }
  const wish = { theme: 'parts', kind: 'compose', bucket, key, changes: [key], method: 'POST' } as const
  return pen.ask({ ...wish, path: [...objectsOf(bucket), key, 'compose'], headers, body })
}

function begin(pen: GcsPen): Operation {
  const { chance } = pen
  const [bucket, key] = [pen.bucket(), pen.key()]
  const said = resourceFrom(chance)
  const headers = { 'content-type': 'application/json', 'x-upload-content-type': String(said['contentType']) }
  const query = { uploadType: 'resumable', name: key, ...pen.condition(bucket, key) }
  const wish = {
    theme: 'parts',
    kind: 'begin a session',
    bucket,
    key,
    method: 'POST',
    path: uploadsOf(bucket),
  } as const
  return pen.ask({ ...wish, query, headers, body: JSON.stringify(said) })
}
