import type { Hashing } from '#shared/kernel/digest.ts'
import { Failure, type FailureDetails } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Part, TransferId } from '#shared/ports/object-store.ts'
import { type Content, joined } from './content.ts'
import type { Profile } from './profiles.ts'

interface Held {
  readonly part: Part
  readonly content: Content
}

/** The parts of transfers that have not been committed. */
export class Ledger {
  readonly #profile: Profile
  readonly #transfers = new Map<Key, Map<TransferId, Map<number, Held>>>()

  constructor(profile: Profile) {
    this.#profile = profile
  }

  list(key: Key, transfer: TransferId): readonly Part[] {
    const held = this.#transfers.get(key)?.get(transfer)
    if (held === undefined) return []
    return [...held.values()].map(({ part }) => part).toSorted((a, b) => a.number - b.number)
  }

  hold(key: Key, transfer: TransferId, number: number, content: Content, details: FailureDetails): Part {
    const most = this.#profile.traits.partsMax
    if (!Number.isInteger(number) || number < 1 || number > most) {
      throw new Failure('invalid', `part of ${key}: found number ${number}, expected 1 to ${most}`, details)
    }
    const { digest } = this.#profile.traits
    const part = { number, size: content.bytes.byteLength, digests: { [digest]: content.digest(digest) } }
    const transfers = this.#transfers.get(key) ?? new Map<TransferId, Map<number, Held>>()
    this.#transfers.set(key, transfers)
    const held = transfers.get(transfer) ?? new Map<number, Held>()
    transfers.set(transfer, held.set(number, { part, content }))
    return part
  }

  /** The whole, in order; refused where a part is missing, was replaced since, or is too small to stand before another. */
  assemble(key: Key, transfer: TransferId, parts: readonly Part[], hashing: Hashing, details: FailureDetails): Content {
    const held = this.#transfers.get(key)?.get(transfer)
    const contents = parts.map((part, index) => {
      if (part.number !== index + 1) {
        throw new Failure('invalid', `${key}: found part ${part.number}, expected ${index + 1}`, details)
      }
      const there = held?.get(part.number)
      if (there === undefined || there.part.size !== part.size || there.content.differsFrom(part.digests) !== null) {
        throw new Failure('absent', `${key}: part ${part.number} is no longer as it was listed`, details)
      }
      const least = index === parts.length - 1 ? 0 : this.#profile.traits.partBytesMin
      if (part.size < least) {
        const found = `part ${part.number} of ${part.size} bytes`
        throw new Failure('invalid', `${key}: found ${found}, expected at least ${least}`, details)
      }
      return there.content
    })
    return joined(contents, hashing)
  }

  discard(key: Key, transfer: TransferId): void {
    this.#transfers.get(key)?.delete(transfer)
  }

  forget(key: Key): void {
    this.#transfers.delete(key)
  }
}
