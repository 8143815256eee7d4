import type { Operation, Theme } from '#test/differential/operation.ts'
import { Pen, pathOf, plainKeys, type Wish } from '#test/differential/pen.ts'
import { goOn } from './draw-listings.ts'
import { drawObjects } from './draw-objects.ts'
import { drawParts } from './draw-parts.ts'
import { drawVersions } from './draw-versions.ts'
import { buckets, type S3State, type Version } from './state.ts'

/** A fifth of all is about versions and a fifth about parts. */
const weights: Readonly<Record<Theme, number>> = { objects: 56, versions: 22, parts: 22 }

export function draw(state: S3State, at: number): Operation {
  const pen = new S3Pen(state, at)
  const drawers = { objects: () => drawObjects(pen), versions: () => drawVersions(pen), parts: () => drawParts(pen) }
  return pen.draw(weights, drawers, (cut) => goOn(pen, cut))
}

const keys = [...plainKeys, 'dir/sub/w', '日本/x', '<&>\'"']
/** Names that no file system holds. */
const oddKeys = ['o//p', './o', 'o/../p']

/** A version by its name: `version` is `null` where there is none of that name any more, or none of it under this key. */
export interface Named {
  readonly key: string
  readonly id: string
  readonly version: Version | null
}

/** Writes one operation by what is there. */
export class S3Pen extends Pen<S3State> {
  write(wish: Omit<Wish, 'path'>): Operation {
    return this.ask({ ...wish, path: pathOf(`bucket ${wish.bucket}`, wish.key) })
  }

  bucket(): string {
    return this.chance.pick(buckets)
  }

  key(): string {
    return this.chance.pick(this.chance.chance(0.002) ? oddKeys : keys)
  }

  /** One that shows an object, if there is any, for most questions are about what is there. */
  shownKey(bucket: string): string {
    const shown = this.state.shown(bucket)
    return shown.length === 0 || this.chance.chance(0.1) ? this.key() : this.chance.pick(shown)
  }

  /** Where versions are kept, a deletion where nothing shows leaves a marker all the same: a question of its own. */
  removableKey(bucket: string): string {
    const shown = this.state.shown(bucket)
    if (shown.length === 0 || this.chance.chance(bucket === 'plain' ? 0.1 : 0.005)) return this.key()
    return this.chance.pick(shown)
  }

  /** A version that is there; now and then one that was, or its name under another key. */
  version(withMarkers = true, absentRate = 0.08): Named | null {
    const { state, chance } = this
    const all = state.all('versioned').filter(({ version }) => withMarkers || !version.marker || chance.chance(0.05))
    const gone = state.gone.filter(({ bucket }) => bucket === 'versioned')
    if (gone.length > 0 && chance.chance(absentRate)) return { ...chance.pick(gone), version: null }
    if (all.length === 0) return null
    const { key, version } = chance.pick(all)
    if (chance.chance(absentRate / 2)) return { key: this.key(), id: version.id, version: null }
    return { key, id: version.id, version }
  }
}
