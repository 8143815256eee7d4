/** Bodies on their way to the store. */
import { Readable } from 'node:stream'
import type { Algorithm, Digests, Hashing } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Body } from '#shared/ports/object-store.ts'
import { type Asked, nameOfCall } from './failure.ts'

/** A body that the SDK opens (again, where it was asked for another token), and the trouble with it that the SDK would not tell us about. */
export interface Outgoing {
  readonly content: (() => Readable) | string
  /** What the source threw, or how it was not what was announced. */
  trouble(): { readonly thrown: unknown } | null
}

/**
 * Sends exactly the announced bytes. The last of them are held back until the source has ended and all its checksums hold: what is
 * too short, too long or damaged here never arrives whole, so nothing of it is stored.
 * The MD5 goes along and is the store's to check.
 */
export async function outgoing(body: Body, digests: Digests, hashing: Hashing, asked: Asked): Promise<Outgoing> {
  let trouble: { readonly thrown: unknown } | null = null
  if (body.size === 0) {
    for await (const _ of exactly(body, digests, hashing, asked));
    return { content: '', trouble: () => null }
  }
  const noting = async function* () {
    try {
      yield* exactly(body, digests, hashing, asked)
    } catch (thrown) {
      trouble = { thrown }
      throw thrown
    }
  }
  return { content: () => Readable.from(noting(), { objectMode: false }), trouble: () => trouble }
}

/** Sends it; where the body itself was the trouble, that is what is thrown, for the store knows nothing of it. */
export async function carrying<T>(sent: Outgoing, send: () => Promise<T>): Promise<T> {
  try {
    return await send()
  } catch (thrown) {
    const trouble = sent.trouble()
    throw trouble === null ? thrown : trouble.thrown
  }
}

async function* exactly(body: Body, digests: Digests, hashing: Hashing, asked: Asked): AsyncGenerator<Uint8Array> {
  const others = (Object.keys(digests) as Algorithm[]).filter((algorithm) => algorithm !== 'md5')
  const hashers = others.map((algorithm) => ({ algorithm, hasher: hashing.hasher(algorithm) }))
  let held: Uint8Array | null = null
  let size = 0
  for await (const chunk of body.open()) {
    if (chunk.byteLength === 0) continue
    size += chunk.byteLength
    if (size > body.size) break
    for (const { hasher } of hashers) hasher.update(chunk)
    if (held !== null) yield held
    held = chunk
  }
  if (size !== body.size) throw changed(asked, `${size} bytes`, String(body.size))
  for (const { algorithm, hasher } of hashers) {
    const found = hasher.digest()
    if (found !== digests[algorithm]) throw changed(asked, `${algorithm} ${found}`, String(digests[algorithm]))
  }
  if (held !== null) yield held
}

function changed(asked: Asked, found: string, expected: string): Failure {
  const message = `${nameOfCall(asked)}: body: found ${found}, expected ${expected}; nothing was stored`
  return new Failure('corrupt', message, { site: asked.site })
}

/** The MD5 that goes along with the body: the caller's, or else computed by reading the body once more. */
export async function md5Of(body: Body, digests: Digests, hashing: Hashing): Promise<Buffer> {
  if (digests.md5 !== undefined) return Buffer.from(digests.md5, 'base64')
  const hasher = hashing.hasher('md5')
  for await (const chunk of body.open()) hasher.update(chunk)
  return Buffer.from(hasher.digest(), 'base64')
}
