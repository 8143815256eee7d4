import type { RuleId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'

/** More refused writes than this, of all under a prefix, and a look before each write is cheaper. */
const refusedShareMax = 0.08
const prefixesMax = 1_000
const memory = 64

/**
 * What this process has seen of its users: whether they overwrite what lies under a prefix. A refused write has already sent, and paid for, its body.
 * Forgets the oldest; it changes what a copy costs, never what it does.
 */
export class Habits {
  readonly #refused = new Map<string, number>()

  /** Whether to look before writing. */
  overwrites(rule: RuleId, key: Key): boolean {
    return (this.#refused.get(nameOf(rule, key)) ?? 0) > refusedShareMax
  }

  /** A moving average over the last writes under this prefix. */
  note(rule: RuleId, key: Key, refused: boolean): void {
    const name = nameOf(rule, key)
    const share = this.#refused.get(name) ?? 0
    this.#refused.delete(name)
    this.#refused.set(name, share + ((refused ? 1 : 0) - share) / memory)
    if (this.#refused.size > prefixesMax) this.#refused.delete(this.#refused.keys().next().value!)
  }
}

function nameOf(rule: RuleId, key: Key): string {
  return `${rule} ${key.slice(0, key.lastIndexOf('/') + 1)}`
}
