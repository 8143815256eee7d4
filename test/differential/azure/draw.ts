import type { Operation, Theme } from '#test/differential/operation.ts'
import { Pen, pathOf, plainKeys, type Wish } from '#test/differential/pen.ts'
import { drawBlobs } from './draw-blobs.ts'
import { goOn } from './draw-listings.ts'
import { drawBlocks } from './draw-blocks.ts'
import { drawSnapshots } from './draw-snapshots.ts'
import { type AzureState, container } from './state.ts'

/** Azurite keeps no versions; what stands beside a blob under its name are its snapshots. */
const weights: Readonly<Record<Theme, number>> = { objects: 56, versions: 22, parts: 22 }

export function draw(state: AzureState, at: number): Operation {
  const pen = new AzurePen(state, at)
  const drawers = { objects: () => drawBlobs(pen), versions: () => drawSnapshots(pen), parts: () => drawBlocks(pen) }
  return pen.draw(weights, drawers, (cut) => goOn(pen, cut))
}

const keys = [...plainKeys, "&'(x)"]

const blockKeys = ['up/1', 'up/2', 'up-3', 'dir/up']

/** Writes one operation by what is there. */
export class AzurePen extends Pen<AzureState> {
  write({ key = '', ...wish }: Omit<Wish, 'bucket' | 'path' | 'changes'>): Operation {
    const changes = key === '' || wish.method === 'GET' || wish.method === 'HEAD' ? [] : [key]
    return this.ask({ ...wish, bucket: container, path: pathOf('container', key), key, changes })
  }

  key(): string {
    return this.chance.pick(this.chance.chance(0.005) ? blockKeys : keys)
  }

  /** Few whole writes come to these: they meet blocks that wait, which is a question of its own. */
  blockKey(): string {
    return this.chance.pick(blockKeys)
  }

  /** One that shows a blob, if there is any. */
  shownKey(): string {
    const shown = [...this.state.blobs.keys()]
    return shown.length === 0 || this.chance.chance(0.08) ? this.key() : this.chance.pick(shown)
  }

  ownLease(key: string): Record<string, string> {
    const lease = this.state.blobs.get(key)?.lease ?? null
    return lease === null ? {} : { 'x-ms-lease-id': lease }
  }

  /** Which lease a write brings: the right one mostly, none or another now and then. */
  leaseOf(key: string): Record<string, string> {
    const lease = this.state.blobs.get(key)?.lease ?? null
    if (lease !== null && this.chance.chance(0.8)) return { 'x-ms-lease-id': lease }
    return this.state.blobs.has(key) && this.chance.chance(0.01) ? { 'x-ms-lease-id': guidOf(this.at) } : {}
  }

  /** What a change asks of the blob that shows. */
  condition(key: string, creates: boolean): Record<string, string> {
    const etag = this.state.blobs.get(key)?.etag ?? '"0x8D000000000001"'
    const { chance } = this
    // What a condition is answered with where there is nothing, the documentation tells of writes alone.
    if (!creates && !this.state.blobs.has(key)) return {}
    if (creates && chance.chance(0.12)) return { 'if-none-match': '*' }
    if (chance.chance(0.12)) return { 'if-match': chance.pick([etag, '"0x8D000000000001"', '*']) }
    return chance.chance(0.05) ? { 'if-none-match': chance.pick([etag, '"0x8D000000000001"']) } : {}
  }
}

export function guidOf(at: number): string {
  return `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
}
