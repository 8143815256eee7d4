import type { Random } from '#shared/kernel/clock.ts'

/** Mixes numbers into 32 bits: the same numbers give the same bits, neighbours give unlike ones. */
function mix(a: number, b: number, c = 0): number {
  let h =
    Math.imul(a ^ (b >>> 15), 0x2c1b3c6d) ^
    Math.imul(b ^ (c >>> 13), 0x297a2d39) ^
    Math.imul(c + 0x9e3779b9, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  return (h ^ (h >>> 15)) >>> 0
}

export function mixText(text: string, seed = 0): number {
  let h = seed ^ 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix(h, text.length)
}

/** In [0, 1), from what is mixed alone: chance without a memory, which the removal of one act does not shift for the others. */
export function chanceOf(a: number, b: number, c = 0): number {
  return mix(a, b, c) / 0x100000000
}

/** One stream of chance. Streams of different names are independent: what one of them draws shifts no other. */
export class Stream implements Random {
  #state: number

  constructor(seed: number, name: string) {
    this.#state = mixText(name, seed)
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 0x100000000
  }

  chance(p: number): boolean {
    return this.next() < p
  }

  /** From `least` up to, not including, `most`. */
  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  int(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1))
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.next() * from.length)]
    if (picked === undefined) throw new RangeError('nothing to pick from')
    return picked
  }

  /** By weight. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const names = Object.keys(weights) as T[]
    let left = this.next() * names.reduce((sum, name) => sum + weights[name], 0)
    for (const name of names) {
      left -= weights[name]
      if (left < 0) return name
    }
    return names.at(-1)!
  }

  shuffled<T>(from: readonly T[]): T[] {
    const all = [...from]
    for (let i = all.length - 1; i > 0; i--) {
      const j = Math.floor(this.next() * (i + 1))
      ;[all[i], all[j]] = [all[j]!, all[i]!]
    }
    return all
  }
}
