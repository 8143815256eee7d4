/**
 * How a part is named as a block. Azure lists a block's name and size and nothing else, so the name says the rest: of which transfer it is,
 * its number, the MD5 that was checked when it arrived, and which of two of one number came later. Azure wants all names that wait for one
 * blob equally long, whoever sends them: ours are as long as those of its SDKs, or a user's own upload would be refused while parts wait. A
 * mark without a part says that what came before it was discarded.
 */
import type { Clock } from '#shared/kernel/clock.ts'
import { digestText, type Hashing } from '#shared/kernel/digest.ts'
import type { Part, TransferId } from '#shared/ports/object-store.ts'

/** One uncommitted block, as Azure lists it. */
export interface ListedBlock {
  readonly name: string
  readonly size: number
}

/** A part and the block that holds it. */
export interface HeldPart {
  readonly block: string
  readonly part: Part
}

interface BlockName {
  /** 0 for a mark that discards. */
  readonly number: number
  /** Grows with each block that one store names. */
  readonly turn: bigint
  readonly md5: string
}

const format = Buffer.from('iso1')
const bytes = { format: 4, transfer: 8, number: 4, turn: 8, md5: 16, rest: 8 }
const noMd5 = Buffer.alloc(bytes.md5).toString('base64')

export class Blocks {
  readonly #hashing: Hashing
  readonly #clock: Clock
  #last = 0n

  constructor(hashing: Hashing, clock: Clock) {
    this.#hashing = hashing
    this.#clock = clock
  }

  /** For the next part of this number; it replaces every earlier one. */
  name(transfer: TransferId, number: number, md5: string): string {
    // Finer than a millisecond, so that no two of one process are alike; between processes their clocks decide.
    const now = BigInt(Math.floor(this.#clock.now())) << 16n
    this.#last = now > this.#last ? now : this.#last + 1n
    return this.#write(transfer, { number, turn: this.#last, md5 })
  }

  /** Discards all of the transfer that is listed; `null` where nothing is. */
  discarding(transfer: TransferId, blocks: readonly ListedBlock[]): string | null {
    const turns = this.#of(transfer, blocks).map(({ turn }) => turn)
    if (this.held(transfer, blocks).length === 0) return null
    return this.#write(transfer, { number: 0, turn: turns.reduce((a, b) => (a > b ? a : b)) + 1n, md5: noMd5 })
  }

  /** The transfer's parts by number, each as it was put last. */
  held(transfer: TransferId, blocks: readonly ListedBlock[]): readonly HeldPart[] {
    const own = this.#of(transfer, blocks)
    const discarded = own
      .filter(({ number }) => number === 0)
      .reduce((last, { turn }) => (turn > last ? turn : last), -1n)
    const latest = new Map<number, (typeof own)[number]>()
    for (const block of own) {
      const { number, turn } = block
      if (number > 0 && turn > discarded && turn > (latest.get(number)?.turn ?? -1n)) latest.set(number, block)
    }
    return [...latest.values()]
      .toSorted((a, b) => a.number - b.number)
      .map(({ number, size, md5, name }) => ({ block: name, part: { number, size, digests: { md5 } } }))
  }

  #of(transfer: TransferId, blocks: readonly ListedBlock[]): (BlockName & ListedBlock)[] {
    const start = this.#start(transfer)
    return blocks.flatMap((block) => {
      const raw = Buffer.from(block.name, 'base64')
      const whole = raw.byteLength === Object.values(bytes).reduce((sum, width) => sum + width, 0)
      if (!whole || !raw.subarray(0, start.byteLength).equals(start)) return []
      const at = start.byteLength
      const md5At = at + bytes.number + bytes.turn
      const md5 = raw.subarray(md5At, md5At + bytes.md5).toString('base64')
      return [{ ...block, number: raw.readUInt32BE(at), turn: raw.readBigUInt64BE(at + bytes.number), md5 }]
    })
  }

  #write(transfer: TransferId, { number, turn, md5 }: BlockName): string {
    const middle = Buffer.alloc(bytes.number + bytes.turn)
    middle.writeUInt32BE(number)
    middle.writeBigUInt64BE(turn, bytes.number)
    const rest = Buffer.alloc(bytes.rest)
    return Buffer.concat([this.#start(transfer), middle, Buffer.from(md5, 'base64'), rest]).toString('base64')
  }

  #start(transfer: TransferId): Buffer {
    return Buffer.concat([format, Buffer.from(digestText(this.#hashing, transfer), 'base64')])
  }
}
