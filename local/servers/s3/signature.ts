import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { encoded, type Address } from './address.ts'

/** Signature Version 4. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
export const algorithm = 'AWS4-HMAC-SHA256'
const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** The day, the region and the service that a key was derived for. */
export interface Scope {
  readonly day: string
  readonly region: string
  readonly service: string
}

export interface Canonical {
  readonly method: string
  readonly address: Address
  /** Names in lower case with values as bytes of Latin-1, in the order of names. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly payload: string
  /** Left out of the query: a signature does not cover itself. */
  readonly without?: string
}

/** A key that signs one request, and then the chunks of its body. */
export interface Signer {
  readonly key: Buffer
  /** As in `x-amz-date`. */
  readonly time: string
  readonly scope: string
}

export function signerOf(secret: string, time: string, { day, region, service }: Scope): Signer {
  const key = [day, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`))
  return { key, time, scope: `${day}/${region}/${service}/aws4_request` }
}

export function signatureOf({ key, time, scope }: Signer, canonical: Canonical): string {
  const hash = sha256(Buffer.from(canonicalText(canonical), 'latin1'))
  return hmac(key, [algorithm, time, scope, hash].join('\n')).toString('hex')
}

/** Each chunk's signature covers the one before it, so that none can be left out or moved. */
export function chunkSignatureOf(signer: Signer, previous: string, chunkSha256: string): string {
  const text = [`${algorithm}-PAYLOAD`, signer.time, signer.scope, previous, emptySha256, chunkSha256]
  return hmac(signer.key, text.join('\n')).toString('hex')
}

export function trailerSignatureOf(signer: Signer, previous: string, trailer: string): string {
  const text = [`${algorithm}-TRAILER`, signer.time, signer.scope, previous, sha256(Buffer.from(trailer, 'latin1'))]
  return hmac(signer.key, text.join('\n')).toString('hex')
}

export function sameSignature(given: string, own: string): boolean {
  const [a, b] = [Buffer.from(given, 'latin1'), Buffer.from(own, 'latin1')]
  return a.length === b.length && timingSafeEqual(a, b)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function canonicalText({ method, address, headers, payload, without }: Canonical): string {
  const query = address.query.query
    .filter(({ name }) => name !== without)
    .map(({ name, value }) => [encoded(name), encoded(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
  const lines = headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`)
  const names = headers.map(([name]) => name).join(';')
  return [method, encoded(address.path, 'kept'), query.join('&'), ...lines, '', names, payload].join('\n')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
