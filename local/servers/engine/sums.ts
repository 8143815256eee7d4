import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { createCRC32, createCRC64, type IHasher } from 'hash-wasm'
import type { Sum, Sums } from './model.ts'

/** Reversed, as hash-wasm takes them. */
const castagnoli = 0x82f63b78
const nvme = '9a6c9329ac4bc9b5'

interface Running {
  update(bytes: Uint8Array): void
  /** Lower-case hex; afterwards it is of no use. */
  digest(): string
}

/** Some sums over the same bytes, computed while they pass. */
export class Summing {
  readonly #running: ReadonlyMap<Sum, Running>

  private constructor(running: ReadonlyMap<Sum, Running>) {
    this.#running = running
  }

  static async of(sums: readonly Sum[]): Promise<Summing> {
    const running = new Map<Sum, Running>()
    for (const sum of sums) running.set(sum, await makers[sum]())
    return new Summing(running)
  }

  update(bytes: Uint8Array): void {
    for (const one of this.#running.values()) one.update(bytes)
  }

  digest(): Sums {
    return Object.fromEntries([...this.#running].map(([sum, one]) => [sum, one.digest()]))
  }
}

const makers: Readonly<Record<Sum, () => Running | Promise<Running>>> = {
  md5: () => ofCrypto('md5'),
  sha1: () => ofCrypto('sha1'),
  sha256: () => ofCrypto('sha256'),
  crc32: ofZlib,
  crc32c: pooled(async () => createCRC32(castagnoli)),
  crc64nvme: pooled(async () => createCRC64(nvme)),
}

function ofCrypto(algorithm: string): Running {
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') }
}

function ofZlib(): Running {
  let value = 0
  return {
    update: (bytes) => (value = crc32(bytes, value)),
    digest: () => value.toString(16).padStart(8, '0'),
  }
}

/** Making one costs a WebAssembly instance: who has ended leaves its own to the next. */
function pooled(make: () => Promise<IHasher>): () => Promise<Running> {
  const idle: IHasher[] = []
  return async () => {
    const hasher = (idle.pop() ?? (await make())).init()
    return {
      update: (bytes) => void hasher.update(bytes),
      digest: () => {
        const digest = hasher.digest('hex')
        idle.push(hasher)
        return digest
      },
    }
  }
}
