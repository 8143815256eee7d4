import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

export interface Answer {
  readonly status: number
  /** Values outside Latin-1 are the face's to encode. */
  readonly headers: OutgoingHttpHeaders
  /** Text goes out as UTF-8. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null
}

/**
 * Sends one answer. Throws where it cannot be sent whole: then nobody may take what was sent for the whole. A body that is iterated is
 * read to its end or let go, whatever happens.
 */
export async function deliver(
  answer: Answer,
  incoming: IncomingMessage,
  response: ServerResponse,
  now: () => number,
): Promise<void> {
  try {
    await attempt(answer, incoming, response, now)
  } catch (error) {
    await letGo(answer.body)
    throw error
  }
}

async function attempt(
  { status, headers, body }: Answer,
  incoming: IncomingMessage,
  response: ServerResponse,
  now: () => number,
): Promise<void> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const wanted = incoming.method !== 'HEAD' && mayHaveBody(status) && !response.destroyed
  if (!wanted) await letGo(bytes)
  if (response.destroyed) return
  response.sendDate = false
  response.strictContentLength = true
  response.statusCode = status
  response.setHeader('Date', new Date(now()).toUTCString())
  response.setHeader('Server', 'isobar-local (for development)')
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
  if (isStream(bytes)) {
    if (wanted) await stream(bytes, response)
    else response.end()
    return
  }
  // What a HEAD has no body of still has its length, which the face may have said.
  if (bytes !== null || wanted) response.setHeader('Content-Length', bytes?.length ?? 0)
  response.end(wanted ? bytes : undefined)
}

async function letGo(body: Answer['body']): Promise<void> {
  if (isStream(body)) await body[Symbol.asyncIterator]().return?.()
}

function isStream(body: Answer['body']): body is AsyncIterable<Uint8Array> {
  return body !== null && typeof body !== 'string' && !(body instanceof Uint8Array)
}

function mayHaveBody(status: number): boolean {
  return status !== 204 && status !== 304
}

/** As fast as the client takes it, and no further than it stays. Each step is passed back when it is sent, so that its memory serves again. */
async function stream(body: AsyncIterable<Uint8Array>, response: ServerResponse): Promise<void> {
  const source = body[Symbol.asyncIterator]()
  let step = await source.next()
  while (step.done !== true) {
    await sent(response, step.value)
    if (response.destroyed) {
      await source.return?.()
      return
    }
    step = await source.next(step.value)
  }
  response.end()
}

async function sent(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (response.destroyed) return
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('close', done)
      resolve()
    }
    response.once('close', done)
    response.write(bytes, done)
  })
}
