import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Summary, type SummaryData } from '#test/simulation/summary.ts'

export interface Seed {
  readonly seed: number
  readonly eventsOnly: boolean
}

export interface LaneResult {
  readonly summary: SummaryData
  /** Of the drivers; each request may be several on the wire. */
  readonly asked: number
  /** Of those, by processes that died with them. */
  readonly last: number
  /** Where its first world was another when it was lived again. */
  readonly strayed: string | null
}

export interface LanesResult extends Omit<LaneResult, 'summary'> {
  readonly summary: Summary
}

/** In a lane one of two threads works and the other waits, so a lane takes one processor. */
const lanesMax = 2
/** Fewer are not worth the start of another. */
const worldsOfALane = 12

/** Lives through seeds at embedded clouds, a few lanes beside each other; a seed's world is the same in any of them. */
export async function liveInLanes(seeds: readonly Seed[]): Promise<LanesResult> {
  const lanes = Math.max(1, Math.min(lanesMax, availableParallelism(), Math.ceil(seeds.length / worldsOfALane)))
  const results = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => inLane(seeds.filter((_, at) => at % lanes === lane))),
  )
  const summary = new Summary()
  for (const result of results) summary.merge(result.summary)
  const sum = (of: 'asked' | 'last') => results.reduce((all, result) => all + result[of], 0)
  return {
    summary,
    asked: sum('asked'),
    last: sum('last'),
    strayed: results.find(({ strayed }) => strayed !== null)?.strayed ?? null,
  }
}

function inLane(seeds: readonly Seed[]): Promise<LaneResult> {
  const worker = new Worker(new URL('lane.ts', import.meta.url), { workerData: seeds })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`a lane of worlds ended with ${code} before it told of them`)))
  })
}
