import { type StampId, stampId } from '#shared/kernel/version.ts'
import type { Content } from './content.ts'
import type { Profile } from './profiles.ts'

/** What a version is called, in every way that anybody asks for it. */
export interface Names {
  /** Its place among the versions of its bucket. */
  readonly sequence: number
  readonly dateMs: number
  readonly id: StampId
  /** What a condition compares. */
  readonly token: string
  /** What a pinned read names. */
  readonly pin: string
}

/** The moment and the place that a version takes, before its bytes are known. */
export interface Turn {
  readonly sequence: number
  readonly dateMs: number
  /** Within its millisecond, for stores that name versions by time. */
  readonly step: number
}

/** Gives each version of one bucket its names: unique, and growing where the store's own grow, however its clock steps. */
export class Naming {
  readonly #profile: Profile
  #sequence = 0
  #lastMs = 0
  #step = 0

  constructor(profile: Profile) {
    this.#profile = profile
  }

  turn(nowMs: number): Turn {
    const { dateGranularityMs } = this.#profile.traits
    const dateMs = Math.floor(nowMs / dateGranularityMs) * dateGranularityMs
    const sequence = ++this.#sequence
    if (this.#profile.naming === 'etag') return { sequence, dateMs, step: 0 }
    if (dateMs > this.#lastMs) {
      this.#lastMs = dateMs
      this.#step = 0
    } else if (++this.#step === stepsPerMs) {
      this.#lastMs++
      this.#step = 0
    }
    return { sequence, dateMs: this.#lastMs, step: this.#step }
  }

  /** `parts`: the contents of an upload whose ETag is no digest of the whole. */
  names(turn: Turn, content: Content | null, parts: readonly Content[] | null): Names {
    const { sequence, dateMs } = turn
    const kept = this.#profile.traits.history !== 'none'
    if (this.#profile.naming === 'etag') {
      const pin = `v${sequence.toString(36)}`
      const token = content === null ? '' : etag(content, parts)
      return { sequence, dateMs, id: stampId(content === null ? pin : token), token, pin: kept ? pin : token }
    }
    if (this.#profile.naming === 'version-id') {
      const token = `0x8${sequence.toString(16).toUpperCase()}`
      const pin = kept ? readableTime(turn) : token
      return { sequence, dateMs, id: stampId(pin), token, pin }
    }
    const generation = String(dateMs * stepsPerMs + turn.step)
    return { sequence, dateMs, id: stampId(generation), token: generation, pin: generation }
  }
}

/** Generations count microseconds; a version id has a digit more. One number of steps serves both and stays exact. */
const stepsPerMs = 1000

function etag(content: Content, parts: readonly Content[] | null): string {
  if (parts === null) return content.digest('md5')
  return `${content.digest('md5')}-${parts.length}`
}

function readableTime({ dateMs, step }: Turn): string {
  return `${new Date(dateMs).toISOString().slice(0, -1)}${String(step).padStart(3, '0')}0Z`
}
