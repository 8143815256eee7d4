import { TooManyPieces } from '#local/servers/engine/contents.ts'
import type { Engine } from '#local/servers/engine/model.ts'
import { Gone } from '#local/servers/engine/pieces.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { ClientGone } from '#local/servers/http/body.ts'
import { type Request, serve, type Serving } from '#local/servers/http/serve.ts'
import { TooLarge } from '#local/servers/http/small.ts'
import { target } from '#local/servers/http/target.ts'
import { callOf } from './call.ts'
import type { Cloud } from './cloud.ts'
import { type Access, admit } from './credentials.ts'
import type { KmsKeys } from './encryption.ts'
import { jsonType } from './json.ts'
import { Pace } from './pace.ts'
import { jsonOf, Refusal, refuse } from './refusals.ts'
import { isJsonApi, jsonRoute } from './routes.ts'
import { xmlOf, xmlType } from './xml.ts'
import { xmlRoute } from './xml-routes.ts'

export interface GcsFaceOptions {
  readonly engine: Engine
  /** The cloud's own clock, in milliseconds since 1970: dates and generations are taken from it. */
  readonly now: () => number
  readonly port?: number
  /** The bearer tokens that are let in; absent: any that is not empty. */
  readonly tokens?: readonly string[]
  /** Lets in whoever brings no credentials, as the SDK does where it is given an endpoint. */
  readonly anonymous?: boolean
  /** One write per second and object name: 429 beyond. */
  readonly paced?: boolean
  /** So many writes a second in all: 503 beyond. */
  readonly throttle?: { readonly perSecond: number }
  /** Keys of Cloud KMS, by name, which objects or buckets may name; absent: each is granted. */
  readonly kmsKeys?: KmsKeys
}

/**
 * Cloud Storage for development: the JSON API and the XML API over one engine, on this machine's loopback address.
 * The vendor's documentation is the judge; a verb that no client here calls is not there, and says so.
 */
export async function gcsFace(options: GcsFaceOptions): Promise<Serving> {
  const { engine, now, paced = false, throttle, kmsKeys = () => 'granted', port } = options
  const pace = new Pace({ now, perName: paced, perSecond: throttle?.perSecond ?? Infinity })
  const cloud: Cloud = { engine, now, kmsKeys, pace }
  const access: Access = { tokens: options.tokens ?? null, anonymous: options.anonymous ?? false }
  let url = ''
  const serving = await serve((request) => answer(cloud, access, request, url), {
    ...(port === undefined ? {} : { port }),
    now,
    failed,
  })
  url = serving.url
  return serving
}

async function answer(cloud: Cloud, access: Access, request: Request, url: string): Promise<Answer> {
  const asked = target(request.target) ?? refuse('invalid', 'The address is not percent-encoded UTF-8.')
  const call = callOf(request, asked, url)
  admit(access, call.header)
  const { segments } = asked
  const isJson = isJsonApi(segments)
  try {
    return await (isJson ? jsonRoute : xmlRoute)(cloud, request.method, segments, call)
  } catch (thrown) {
    if (!(thrown instanceof Gone)) throw thrown
    // Somebody else was faster: the answer is the one that a later request would have had.
    const bucket = segments[isJson ? segments.indexOf('b') + 1 : 0] ?? ''
    return refuse(cloud.engine.bucket(bucket) === null ? 'noBucket' : 'noObject')
  }
}

/** A refusal in the words of the API that was asked. What is no refusal is a defect of ours, and goes to the log. */
function failed(error: unknown, request: Request): Answer {
  const refusal = refusalOf(error)
  const { status } = refusal
  if (status === 304) return { status, headers: {}, body: null }
  // As it was sent, for it may be its escapes that were refused.
  const [rawPath = ''] = request.target.split('?')
  return isJsonApi(rawPath.split('/').slice(1))
    ? { status, headers: { 'content-type': jsonType }, body: jsonOf(refusal) }
    : { status, headers: { 'content-type': xmlType }, body: xmlOf(refusal) }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof TooLarge) return new Refusal('uploadTooLarge')
  if (error instanceof ClientGone) return new Refusal('uploadBroken')
  if (error instanceof TooManyPieces) return new Refusal('notImplemented', error.message)
  console.error('isobar-local gcs:', error)
  return new Refusal('internalError')
}
