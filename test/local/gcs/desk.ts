import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bucket, type SaveOptions, Storage } from '@google-cloud/storage'
import { openEngine } from '#local/servers/engine/engine.ts'
import { gcsFace, type GcsFaceOptions } from '#local/servers/gcs/face.ts'
import { atEndOfFile } from '#test/end-of-file.ts'

/** One answer as it came over the wire. */
export interface Heard {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; fields of an error are below `error`. */
  readonly json: Told
}

/** What the laws look at in any answer of the JSON API. */
export interface Told {
  readonly [field: string]: unknown
  readonly generation?: string
  readonly metageneration?: string
  readonly rewriteToken?: string
  readonly nextPageToken?: string
  readonly items?: readonly (Told & { name: string; generation: string })[]
  readonly prefixes?: readonly string[]
  readonly resource?: Told
  readonly error?: { readonly code: number; readonly message: string; readonly errors: readonly { reason: string }[] }
}

export interface Sending {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | object
}

/** A face on an engine of its own, with a clock that stands still until it is moved. */
export class Desk {
  readonly folder: string
  readonly clock: { nowMs: number }
  readonly url: string
  readonly storage: Storage
  readonly close: () => Promise<void>
  #names = 0

  private constructor(folder: string, clock: { nowMs: number }, url: string, close: () => Promise<void>) {
    this.folder = folder
    this.clock = clock
    this.url = url
    this.close = close
    // With an endpoint alone the SDK asks for no credentials.
    this.storage = new Storage({ apiEndpoint: url, projectId: 'laws', retryOptions: { autoRetry: false } })
  }

  static async open(options: Partial<GcsFaceOptions> = {}, before?: Desk): Promise<Desk> {
    const folder = before?.folder ?? (await mkdtemp(join(tmpdir(), 'isobar-gcs-')))
    const clock = before?.clock ?? { nowMs: 1_795_000_000_123 }
    const now = () => clock.nowMs
    const engine = await openEngine({ folder, now })
    const face = await gcsFace({ anonymous: true, ...options, engine, now })
    const desk = new Desk(folder, clock, face.url, async () => {
      await face.close()
      await engine.close()
    })
    atEndOfFile(async () => {
      await desk.close()
      await rm(folder, { recursive: true, force: true })
    })
    return desk
  }

  /** A bucket that no other law uses. */
  async bucket(settings: object = {}): Promise<Bucket> {
    const name = `laws-${++this.#names}`
    const made = await this.ask('POST', '/storage/v1/b?project=laws', { body: { name, ...settings } })
    if (made.status !== 200) throw new Error(`${name}: ${made.text}`)
    return this.storage.bucket(name)
  }

  /** The target goes out byte for byte: nothing normalises it. */
  ask(method: string, target: string, { headers = {}, body = '' }: Sending = {}): Promise<Heard> {
    // Bytes, for a text would be sent together with the headers, and in its encoding.
    const bytes =
      body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const { hostname, port } = new URL(this.url)
    const framed = bytes.length === 0 ? headers : { 'content-length': bytes.length, ...headers }
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path: target, headers: framed }, (answer) => {
        const all: Buffer[] = []
        answer.on('data', (some: Buffer) => all.push(some))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(all).toString()
          const isJson = text !== '' && answer.headers['content-type']?.startsWith('application/json') === true
          const json = (isJson ? JSON.parse(text) : {}) as Told
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json })
        })
      })
      sent.on('error', reject)
      sent.end(bytes)
    })
  }

  /** One object by the simplest form of upload. */
  put(bucket: Bucket, name: string, body: string | Uint8Array, query: string = '', headers = {}): Promise<Heard> {
    const target = `/upload/storage/v1/b/${bucket.name}/o?uploadType=media&name=${encodeURIComponent(name)}${query}`
    return this.ask('POST', target, { body, headers })
  }

  read(bucket: Bucket, name: string, query: string = '', headers = {}): Promise<Heard> {
    return this.ask('GET', `${pathOf(bucket, name)}?alt=media${query}`, { headers })
  }

  head(bucket: Bucket, name: string, query: string = ''): Promise<Heard> {
    return this.ask('GET', `${pathOf(bucket, name)}?alt=json${query}`)
  }

  async generations(bucket: Bucket, prefix: string = ''): Promise<[name: string, live: boolean, generation: string][]> {
    const target = `/storage/v1/b/${bucket.name}/o?versions=true&prefix=${encodeURIComponent(prefix)}`
    const { json } = await this.ask('GET', target)
    return (json.items ?? []).map((item) => [item.name, item['timeDeleted'] === undefined, item.generation])
  }
}

export function pathOf(bucket: Bucket, name: string): string {
  return `/storage/v1/b/${bucket.name}/o/${encodeURIComponent(name)}`
}

/** The status and the reason of a refusal. */
export function refused({ status, json }: Heard): [status: number, reason: string | undefined] {
  return [status, json.error?.errors[0]?.reason]
}

/** The code with which the SDK failed. */
export async function codeOf(act: Promise<unknown>): Promise<unknown> {
  return act.then(
    () => 'it went through',
    (error: { code?: unknown; response?: { status?: unknown } }) => error.code ?? error.response?.status,
  )
}

/** The SDK's own checks are off: they are 20 times slower than the wire. */
export async function save(
  bucket: Bucket,
  name: string,
  body: string | Buffer,
  options: SaveOptions = {},
): Promise<void> {
  await bucket.file(name).save(body, { resumable: false, validation: false, ...options })
}

export function md5Of(bytes: string | Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64')
}
