/**
 * The HTTP of the embedded clouds' faces: it knows what a request is, and nothing of any cloud. A face:
 *
 *     const serving = await serve(async (request) => {
 *       const asked = target(request.target)                           // target.ts: raw and decoded; `null`: malformed
 *       if (asked === null) return { status: 400, headers: {}, body: 'malformed target' }
 *       if (refused) return { status: 412, headers: {}, body: xml }    // before the body was asked for
 *       const content = await engine.take(request.body, ['md5'])       // asking for the body sends `100 Continue`
 *       return { status: 200, headers: { etag: `"${content.sums.md5}"` }, body: null }
 *     }, { now, failed: (error) => ({ status: 500, headers: {}, body: errorXml(error) }) })
 *     ... serving.url ... await serving.close() ... await engine.close()
 *
 * - A body that is text or bytes gets its `content-length`. One that is iterated has what the face says in `headers`, else it is chunked;
 *   it is let go (`return`) where nobody gets it: on HEAD, when the client has left, when an answer cannot be sent.
 * - `small(request, max)` (small.ts) reads a document; `range(header, size)` (range.ts) reads a `Range`.
 * - An error that `failed` does not know is best told by `error.name`: `TooLarge` (small.ts) and `ClientGone` (body.ts) are the kit's own.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, deliver } from './answer.ts'
import { bodyOf, type RequestBody } from './body.ts'

export interface Request {
  readonly method: string
  /** Byte for byte as it was sent, path and query. */
  readonly target: string
  /** Names in lower case. Bytes outside ASCII arrive as Latin-1. */
  readonly headers: IncomingHttpHeaders
  /** Every line that was sent, in order: name, value, name, value. */
  readonly rawHeaders: readonly string[]
  /** Read at most once. Throws `ClientGone` where the client leaves before its end. */
  readonly body: AsyncIterable<Uint8Array>
}

export interface ServeOptions {
  /** Absent: any that is free. */
  readonly port?: number
  readonly now: () => number
  /** What the face says to a request on which it threw. */
  readonly failed: (error: unknown, request: Request) => Answer
}

export interface Serving {
  readonly url: string
  readonly port: number
  /** Ends open connections, and waits for the handlers that were at work to notice. */
  close(): Promise<void>
}

const headerBytesMax = 64 * 1024
const headersTimeoutMs = 60_000
/** Longer than any client keeps an idle connection, so that none meets a connection that is being closed. */
const keepAliveMs = 120_000

const stalledMs = 300_000
/** Who still sends a body this long after its answer is not waited for. */
const restMs = 60_000

/** Listens on this machine's loopback address only. */
export async function serve(handle: (request: Request) => Promise<Answer>, options: ServeOptions): Promise<Serving> {
  const server = createServer({
    maxHeaderSize: headerBytesMax,
    headersTimeout: headersTimeoutMs,
    // A body may take as long as it takes, as long as it moves.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
  })
  // Node would leave out, in silence, what comes after the two thousandth.
  server.maxHeadersCount = 0
  server.timeout = stalledMs
  const working = new Set<Promise<void>>()
  const take = (incoming: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => {
    const work: Promise<void> = answerOne(incoming, response, expectsContinue, handle, options).finally(() =>
      working.delete(work),
    )
    working.add(work)
  }
  server.on('request', (incoming, response) => take(incoming, response, false))
  server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => take(incoming, response, true))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeAllConnections()
      await Promise.all([closed, ...working])
    },
  }
}

/** Never rejects: what cannot be answered ends the connection. */
async function answerOne(
  incoming: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
  handle: (request: Request) => Promise<Answer>,
  { now, failed }: ServeOptions,
): Promise<void> {
  // A connection that breaks while nobody reads or writes is told by the next read or write.
  incoming.on('error', () => {})
  response.on('error', () => {})
  const body = bodyOf(incoming, expectsContinue ? () => response.writeContinue() : null)
  const request: Request = {
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    body,
  }
  const send = async (answer: Answer) => {
    // Where the body was never invited, who knows what comes instead: there the connection ends with the answer, of itself.
    if (body.asked || !expectsContinue) void passOver(body, incoming)
    await deliver(answer, incoming, response, now)
  }
  try {
    try {
      await send(await handle(request))
    } catch (error) {
      if (response.headersSent) throw error
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      await send(failed(error, request))
    }
  } catch {
    response.destroy()
  }
  if (incoming.complete || incoming.destroyed) return
  const late = setTimeout(() => incoming.destroy(), restMs).unref()
  incoming.once('close', () => clearTimeout(late))
}

/** What nobody wants of a body still stands between its request and the next. */
async function passOver(body: RequestBody, incoming: IncomingMessage): Promise<void> {
  await body.takeBack()
  incoming.resume()
}
