import type { Operation, Theme } from '#test/differential/operation.ts'
import type { Stream } from '#test/simulation/random.ts'
import { drawObjects, goOn } from './draw-objects.ts'
import { drawParts } from './draw-parts.ts'
import { drawVersions } from './draw-versions.ts'
import { buckets, type GcsState } from './state.ts'

const weights: Readonly<Record<Theme, number>> = { objects: 57, versions: 22, parts: 21 }

export function draw(state: GcsState, at: number): Operation {
  const pen = new Pen(state, at)
  const { cut } = state
  if (cut !== null && cut.at === at - 1 && state.chance.chance(0.7)) return goOn(pen, cut)
  const theme = state.chance.weighted(weights)
  if (theme === 'versions') return drawVersions(pen)
  return theme === 'parts' ? drawParts(pen) : drawObjects(pen)
}

const keys = [
  'a',
  'b',
  'dir/x',
  'dir/y',
  'dir/sub/z',
  'a b',
  'c+d',
  'e%2Ff',
  'q?x#y',
  'é',
  'e\u0301',
  '日本/😀',
  '<&>\'"',
  'o//p',
  './o',
]

interface Wish {
  readonly theme: Theme
  readonly kind: string
  readonly bucket: string
  readonly key?: string
  readonly path: readonly string[]
  readonly changes?: readonly string[]
  readonly method: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Writes one operation by what is there. */
export class Pen {
  readonly state: GcsState
  readonly chance: Stream
  readonly at: number

  constructor(state: GcsState, at: number) {
    this.state = state
    this.chance = state.chance
    this.at = at
  }

  write({ key = '', method, path, query = {}, headers = {}, body = '', changes = [], ...wish }: Wish): Operation {
    return { ...wish, at: this.at, key, changes, request: { method, path, query, headers, body } }
  }

  bucket(): string {
    return this.chance.pick(buckets)
  }

  key(): string {
    return this.chance.pick(keys)
  }

  shownKey(bucket: string): string {
    const shown = this.state.shown(bucket)
    return shown.length === 0 || this.chance.chance(0.08) ? this.key() : this.chance.pick(shown)
  }

  /** What an upload asks of what shows. Both sides know these; other conditions fake-gcs-server passes over. */
  condition(bucket: string, key: string): Record<string, string> {
    const { chance, state } = this
    if (chance.chance(0.12)) return { ifGenerationMatch: '0' }
    if (chance.chance(0.12)) return { ifGenerationMatch: state.live(bucket, key)?.id ?? '1234567' }
    return chance.chance(0.05) ? { ifGenerationMatch: '1234567' } : {}
  }
}

export function objectsOf(bucket: string): string[] {
  return ['storage', 'v1', 'b', `‹bucket ${bucket}›`, 'o']
}

export function uploadsOf(bucket: string): string[] {
  return ['upload', ...objectsOf(bucket)]
}
