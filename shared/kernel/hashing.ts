import { createCRC32, createCRC64, createMD5, type IHasher } from 'hash-wasm'
import type { Algorithm, Hasher, Hashing } from './digest.ts'

/** Reversed, as hash-wasm takes them. */
const castagnoli = 0x82f63b78
const nvme = '9a6c9329ac4bc9b5'

/** Loads the three algorithms; afterwards any number of hashers may run side by side. */
export async function loadHashing(): Promise<Hashing> {
  const [crc64nvme, crc32c, md5] = await Promise.all([createCRC64(nvme), createCRC32(castagnoli), createMD5()])
  const sources: Readonly<Record<Algorithm, () => Hasher>> = {
    crc64nvme: takingTurns(crc64nvme),
    crc32c: takingTurns(crc32c),
    md5: takingTurns(md5),
  }
  return { hasher: (algorithm) => sources[algorithm]() }
}

interface Waiting extends Hasher {
  /** Where it stood when another took its place. */
  state: Uint8Array | null
}

/** Making an engine is asynchronous and a hasher is not: so all hashers of one algorithm take turns on one engine. */
function takingTurns(engine: IHasher): () => Hasher {
  let active: Waiting | null = null
  const take = (hasher: Waiting) => {
    if (active === hasher) return
    if (active !== null) active.state = engine.save()
    if (hasher.state === null) engine.init()
    else engine.load(hasher.state)
    active = hasher
  }
  return () => {
    let ended = false
    const hasher: Waiting = {
      state: null,
      update(bytes) {
        if (ended) throw new TypeError('this hasher has ended')
        take(hasher)
        engine.update(bytes)
      },
      digest() {
        if (ended) throw new TypeError('this hasher has ended')
        take(hasher)
        ended = true
        active = null
        return base64(engine.digest('binary'))
      },
    }
    return hasher
  }
}

/** Most significant byte first, as all three clouds send their checksums. */
function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
