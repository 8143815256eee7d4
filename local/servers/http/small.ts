import type { Request } from './serve.ts'

/** A body is larger than what was asked may be. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

/** A document that comes as a body, whole. Throws `TooLarge` before it is read, where its length is told, or as soon as it is over. */
export async function small(request: Pick<Request, 'headers' | 'body'>, bytesMax: number): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax)
  const all: Uint8Array[] = []
  let size = 0
  for await (const bytes of request.body) {
    size += bytes.length
    if (size > bytesMax) throw tooLarge(bytesMax)
    all.push(bytes)
  }
  return Buffer.concat(all)
}

function tooLarge(bytesMax: number): TooLarge {
  return new TooLarge(`body: found a larger one, expected at most ${bytesMax} bytes`)
}
