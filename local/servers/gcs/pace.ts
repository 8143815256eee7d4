import { type Pace as Rate, pace } from '#local/servers/http/pace.ts'
import { refuse } from './refusals.ts'

/** https://cloud.google.com/storage/quotas#objects: writes to one name come no closer together. */
const perNameMs = 1000
/** Above this many names, those written longer ago are forgotten. */
const namesMax = 10_000

export interface PaceOptions {
  readonly now: () => number
  /** One write per second and name. */
  readonly perName: boolean
  /** Writes of the whole store. */
  readonly perSecond: number
}

/** Throttling as the cloud does it. Of writes to one name only those that went through count, unlike the kit's. */
export class Pace {
  readonly #now: () => number
  readonly #perName: boolean
  readonly #rate: Rate
  readonly #writtenMs = new Map<string, number>()

  constructor({ now, perName, perSecond }: PaceOptions) {
    this.#now = now
    this.#perName = perName
    this.#rate = pace({ now, perSecond })
  }

  admit(bucket: string, key: string): void {
    if (this.#rate.refuses('') !== null) refuse('busy')
    const last = this.#writtenMs.get(placeOf(bucket, key))
    if (last === undefined || this.#now() - last >= perNameMs) return
    refuse(
      'rateLimitExceeded',
      `The object ${bucket}/${key} exceeded the rate limit for object mutation operations (create, update, and delete). Please reduce your request rate.`,
    )
  }

  written(bucket: string, key: string): void {
    if (!this.#perName) return
    const nowMs = this.#now()
    if (this.#writtenMs.size >= namesMax) {
      for (const [place, ms] of this.#writtenMs) if (nowMs - ms >= perNameMs) this.#writtenMs.delete(place)
    }
    this.#writtenMs.set(placeOf(bucket, key), nowMs)
  }
}

/** No bucket has a slash in its name. */
function placeOf(bucket: string, key: string): string {
  return `${bucket}/${key}`
}
