import { createHash, randomBytes } from 'node:crypto'
import type { Bucket, Content, Engine, Entry, Transaction, Upload } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import type { Call } from './call.ts'
import { both, promisedInHeaders, verify } from './checksums.ts'
import { change, type Cloud, store } from './cloud.ts'
import { type ContentRange, contentRangeOf } from './content-range.ts'
import { md5Of } from './facts.ts'
import { json } from './json.ts'
import { quantaOf } from './quanta.ts'
import { Refusal, refuse } from './refusals.ts'
import { resourceOf } from './resource.ts'
import type { Intent } from './uploads.ts'

/** https://cloud.google.com/storage/docs/resumable-uploads#session-uris */
const sessionMs = 7 * 24 * 60 * 60 * 1000

/** What the engine keeps of an upload that its client may take up again. */
type Session = Intent & {
  readonly form: 'resumable'
  /** As the client said at the beginning, if it did. */
  readonly total: number | null
  /** The generation that it became: who lost the last answer may still ask for it. */
  readonly became: string | null
}

/** The next byte that a session waits for is named by its place, so that names and bytes have one order. */
const placeDigits = 16

export function beginSession(cloud: Cloud, bucket: Bucket, call: Call, intent: Intent): Answer {
  const id = randomBytes(24).toString('base64url')
  const length = call.header('x-upload-content-length')
  const total = length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null
  const session: Session = { ...intent, form: 'resumable', total, became: null }
  bucket.transact((change) => {
    for (const { id } of expired(bucket, intent.key, cloud.now())) change.endUpload(id)
    begin(change, id, session, cloud.now())
  })
  const query = new URLSearchParams({ uploadType: 'resumable', name: intent.key, upload_id: id })
  const userProject = call.query('userProject')
  if (userProject !== null) query.set('userProject', userProject)
  const location = `${call.base}/upload/storage/v1/b/${bucket.name}/o?${query.toString()}`
  return { status: 200, headers: { location, 'x-guploader-uploadid': id }, body: null }
}

/** A chunk, the last chunk, or only the question how far the upload has come. */
export async function continueSession(cloud: Cloud, bucket: Bucket, id: string, call: Call): Promise<Answer> {
  const session = sessionOf(bucket.upload(id), cloud.now())
  if (session.became !== null) return finished(bucket, session, call)
  const range = contentRangeOf(call.header('content-range'))
  const total = range.total ?? session.total
  if (session.total !== null && total !== session.total)
    refuse('badContinuation', `The upload was to have ${session.total} bytes, and is now to have ${total}.`)
  if (!range.asks) {
    const complete = await keep(cloud, bucket, id, call, { ...range, total })
    if (complete && total === null && range.end === null) return finish(cloud, bucket, id, session, call)
  }
  const held = heldIn(bucket, id)
  return held === total ? finish(cloud, bucket, id, session, call) : incomplete(held, call)
}

export function cancelSession(cloud: Cloud, bucket: Bucket, id: string): Answer {
  sessionOf(bucket.upload(id), cloud.now())
  bucket.transact((change) => change.endUpload(id))
  return { status: 499, headers: {}, body: null }
}

/** Puts down what a request brings beyond what is held already. False where the client left on the way. */
async function keep(
  cloud: Cloud,
  bucket: Bucket,
  id: string,
  call: Call,
  { start, end, total }: Extract<ContentRange, { asks: false }>,
): Promise<boolean> {
  const held = heldIn(bucket, id)
  if (start > held)
    refuse('badContinuation', `The upload offset is ${start}, which exceeds already uploaded size of ${held}.`)
  const body = quantaOf(call.body, { skip: held - start, last: end === null || end === total })
  const content = await cloud.engine.take(body, ['crc32c', 'md5'])
  try {
    const reached = start + body.received
    if (!body.broke && end !== null && reached !== end)
      refuse('badContinuation', `The body ends at ${reached}, and Content-Range said ${end}.`)
    if (total !== null && reached > total)
      refuse('badContinuation', `The body reaches ${reached}, beyond the total of ${total}.`)
    if (content.size > 0) putAt(bucket, id, held, content, cloud.now())
  } catch (thrown) {
    await cloud.engine.release(content)
    throw thrown
  }
  return !body.broke
}

function putAt(bucket: Bucket, id: string, place: number, content: Content, nowMs: number): void {
  bucket.transact((change) => {
    sessionOf(change.upload(id), nowMs)
    if (heldIn(change, id) !== place) refuse('badContinuation', 'Another request has continued this upload.')
    const name = String(place).padStart(placeDigits, '0')
    change.putPart(id, { name, dateMs: Math.floor(nowMs), content, attributes: {} })
  })
}

/** What a session has become stays known for as long as a session lasts. */
async function finish(cloud: Cloud, bucket: Bucket, id: string, session: Session, call: Call): Promise<Answer> {
  const { engine } = cloud
  const contents = bucket.parts(id).map(({ content }) => content)
  const content = contents.length === 1 ? contents[0]! : engine.join(contents)
  const md5 = md5Of(content) ?? (await md5By(engine, content))
  try {
    verify(both(session.promised, promisedInHeaders(call.header)), content, md5)
  } catch (thrown) {
    // These bytes will never be what was promised: the upload begins anew.
    if (thrown instanceof Refusal) bucket.transact((change) => change.endUpload(id))
    throw thrown
  }
  const entry = change(cloud, bucket, session.key, (change) => {
    const { became } = sessionOf(change.upload(id), cloud.now())
    if (became !== null) return change.find(session.key, became) ?? refuse('noUpload')
    const birth = { ...session, content, md5, componentCount: null }
    const entry = store(bucket, change, birth, session.preconditions)
    change.endUpload(id)
    begin(change, id, { ...session, became: entry.id }, cloud.now())
    return entry
  })
  return json(resourceOf(call.base, bucket, entry, true))
}

function finished(bucket: Bucket, session: Session, call: Call): Answer {
  const entry: Entry | null = bucket.find(session.key, session.became ?? '')
  return json(resourceOf(call.base, bucket, entry ?? refuse('noUpload'), true))
}

/** Go's client takes a 308 for a redirection, and asks to be told otherwise. */
function incomplete(held: number, call: Call): Answer {
  const range = held === 0 ? {} : { range: `bytes=0-${held - 1}` }
  return call.header('x-guploader-no-308') === 'yes'
    ? { status: 200, headers: { ...range, 'x-http-status-code-override': '308' }, body: null }
    : { status: 308, headers: range, body: null }
}

function begin(change: Transaction, id: string, session: Session, nowMs: number): void {
  change.beginUpload({
    id,
    key: session.key,
    order: change.nextOrder(),
    dateMs: Math.floor(nowMs),
    attributes: session,
  })
}

function heldIn(from: Bucket | Transaction, id: string): number {
  return from.parts(id).reduce((total, { content }) => total + content.size, 0)
}

function sessionOf(upload: Upload | null, nowMs: number): Session {
  if (upload === null || upload.attributes['form'] !== 'resumable' || nowMs - upload.dateMs >= sessionMs)
    refuse('noUpload')
  return upload.attributes as Session
}

function* expired(bucket: Bucket, key: string, nowMs: number): Generator<Upload> {
  for (const upload of bucket.uploads(key)) {
    if (upload.key !== key) return
    if (upload.attributes['form'] === 'resumable' && nowMs - upload.dateMs >= sessionMs) yield upload
  }
}

/** MD5s of parts cannot be combined: what came in several requests is read once more. */
async function md5By(engine: Engine, content: Content): Promise<string> {
  const hash = createHash('md5')
  const source = engine.read(content)[Symbol.asyncIterator]()
  // What has been hashed is passed back, so that its memory is read into again.
  for (let step = await source.next(); step.done !== true; step = await source.next(step.value)) hash.update(step.value)
  return hash.digest('base64')
}
