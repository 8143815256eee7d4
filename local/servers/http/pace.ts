export interface PaceOptions {
  /** Writes of one name come no closer together; absent: as close as they like. */
  readonly perNameMs?: number
  /** Writes of all names together, in bursts of at most a second's worth; absent: as many as come. */
  readonly perSecond?: number
  readonly now: () => number
}

export interface Pace {
  /** Asked before a write. `null`: go on, and this write counts. `name`: too soon for this name; `all`: too many for the store. */
  readonly refuses: (name: string) => 'name' | 'all' | null
}

/** Names remembered before those that may write again are forgotten. */
const namesMax = 10_000

/** Throttling as the clouds do it: what is refused counts for nothing. */
export function pace({ perNameMs = 0, perSecond = Infinity, now }: PaceOptions): Pace {
  const lastMs = new Map<string, number>()
  const burst = Math.max(1, perSecond)
  let left = burst
  let filledMs = now()

  function forget(nowMs: number): void {
    for (const [name, atMs] of lastMs) if (nowMs - atMs >= perNameMs) lastMs.delete(name)
  }

  return {
    refuses(name) {
      const nowMs = now()
      const atMs = lastMs.get(name)
      if (atMs !== undefined && nowMs - atMs < perNameMs) return 'name'
      if (perSecond !== Infinity) {
        left = Math.min(burst, left + (Math.max(0, nowMs - filledMs) * perSecond) / 1000)
        filledMs = nowMs
        if (left < 1) return 'all'
        left -= 1
      }
      if (perNameMs > 0) {
        if (lastMs.size >= namesMax) forget(nowMs)
        lastMs.set(name, nowMs)
      }
      return null
    },
  }
}
