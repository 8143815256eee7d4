import type { Bucket, Content, Engine, Sum } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import type { Head } from './authenticate.ts'
import { argumentRefused, Refusal } from './errors.ts'
import type { Outcomes } from './outcomes.ts'
import { documentOf, type Payload } from './payload.ts'
import { document, type Element, type Markup, readXml } from './xml.ts'

/** One request that was let in, and what it works on. */
export interface Call extends Head {
  readonly engine: Engine
  readonly outcomes: Outcomes
  readonly region: string
  readonly now: () => number
  readonly payload: Payload
  readonly partBytesMin: number
}

export type Verb = (call: Call) => Promise<Answer> | Answer

/** The bucket that the address names, or the one named. */
export function bucketOf(call: Call, name: string = call.address.bucket): Bucket {
  const bucket = call.engine.bucket(name)
  if (bucket !== null) return bucket
  throw new Refusal('NoSuchBucket', 'There is no bucket of this name.', { BucketName: name })
}

export function parameter(call: Call, name: string): string | null {
  return call.address.query.parameter(name)
}

/** A whole number within bounds; S3 takes more than the greatest page for the greatest. */
export function numberIn(call: Call, name: string, { otherwise, max }: { otherwise: number; max: number }): number {
  const text = parameter(call, name)
  if (text === null || text === '') return otherwise
  if (!/^\d{1,10}$/.test(text)) throw argumentRefused(name, text, 'a whole number, 0 or greater')
  return Math.min(Number(text), max)
}

/** Takes the body to disk and judges it; `act` may let others see it. What it throws, or a bad body, leaves nothing. */
export async function taking<T>(call: Call, sums: readonly Sum[], act: (content: Content) => T): Promise<T> {
  const content = await call.engine.take(call.payload.bytes, [...new Set([...sums, ...call.payload.sums])])
  try {
    call.payload.judge(content)
    return act(content)
  } catch (error) {
    await call.engine.release(content)
    throw error
  }
}

const documentBytesMax = 8 * 1024 * 1024

/** The XML that a request brings; `null` where it brings none. */
export async function xmlIn(call: Call, name: string): Promise<Element | null> {
  const bytes = await documentOf(call.headers, call.payload, documentBytesMax)
  return bytes.byteLength === 0 ? null : readXml(bytes, name)
}

export async function demandXml(call: Call, name: string): Promise<Element> {
  const found = await xmlIn(call, name)
  if (found === null) throw new Refusal('MissingRequestBodyError', `body: found none, expected ${name}`)
  return found
}

export function xmlAnswer(content: Markup, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body: document(content) }
}

export function emptyAnswer(status: 200 | 204, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: null }
}
