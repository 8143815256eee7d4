import type { RuleId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'

/** More copies than this over something, of all under a prefix, and a look before each write is cheaper. */
const overwrittenShareMax = 0.08
const prefixesMax = 1_000
const memory = 64

/**
 * What this process has seen of its users: whether they overwrite what lies under a prefix. A refused write has already sent, and paid for, its body.
 * Forgets the oldest; it changes what a copy costs, never what it does.
 */
export class Habits {
  readonly #overwritten = new Map<string, number>()

  /** Whether to look before writing. */
  overwrites(rule: RuleId, key: Key): boolean {
    return (this.#overwritten.get(nameOf(rule, key)) ?? 0) > overwrittenShareMax
  }

  /** A copy has landed, over something or where nothing was: a moving average over the last ones under this prefix, looked for first or not. */
  note(rule: RuleId, key: Key, over: boolean): void {
    const name = nameOf(rule, key)
    const share = this.#overwritten.get(name) ?? 0
    this.#overwritten.delete(name)
    this.#overwritten.set(name, share + ((over ? 1 : 0) - share) / memory)
    if (this.#overwritten.size > prefixesMax) this.#overwritten.delete(this.#overwritten.keys().next().value!)
  }
}

function nameOf(rule: RuleId, key: Key): string {
  return `${rule} ${key.slice(0, key.lastIndexOf('/') + 1)}`
}
