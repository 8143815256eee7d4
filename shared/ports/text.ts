import type { Hashing } from '#shared/kernel/digest.ts'
import type { ObjectStore, Write } from './object-store.ts'

/** Small texts of Isobar's own as objects: its notes, and what a probe writes. */

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

/** With the checksum of these bytes that the store reports; it says nothing else of them. */
export function writeOf(text: string, { traits }: ObjectStore, hashing: Hashing): Write {
  const bytes = new TextEncoder().encode(text)
  const hasher = hashing.hasher(traits.digest)
  hasher.update(bytes)
  return {
    body: {
      size: bytes.byteLength,
      async *open() {
        yield bytes
      },
    },
    digests: { [traits.digest]: hasher.digest() },
    headers: {},
    metadata: {},
    tags: {},
    storageClass: null,
  }
}

/** What Isobar remembers, to be read by it alone. */
export function noteOf(text: string, store: ObjectStore, hashing: Hashing): Write {
  return { ...writeOf(text, store, hashing), headers: { contentType: 'application/json' } }
}
