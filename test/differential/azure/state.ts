import type { Operation } from '#test/differential/operation.ts'
import type { Stream } from '#test/simulation/random.ts'

export interface Blob {
  /** As requests name it. */
  etag: string
  size: number
  readonly made: Operation
  /** Ids of what it was put together from; `null` where it came in one request. */
  readonly blocks: readonly string[] | null
  lease: string | null
  /** A lease that was broken is remembered until it is taken again or the blob is written. */
  broken: boolean
  readonly snapshots: string[]
  /** Whether somebody set its tier. */
  tiered: boolean
}

/** Blocks that wait under a name, by their ids. */
export type Waiting = Map<string, number>

export const container = 'blobs'

/** What a run believes is there, by our own answers. */
export class AzureState {
  readonly chance: Stream
  readonly blobs: Map<string, Blob> = new Map()
  readonly waiting: Map<string, Waiting> = new Map()
  /** Of snapshots, by their names. */
  readonly sizes: Map<string, number> = new Map()
  cut: Operation | null = null

  constructor(chance: Stream) {
    this.chance = chance
  }

  forget(key: string): void {
    this.blobs.delete(key)
    this.waiting.delete(key)
  }
}
