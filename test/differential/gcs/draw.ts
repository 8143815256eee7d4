import type { Operation, Theme } from '#test/differential/operation.ts'
import { Pen, plainKeys } from '#test/differential/pen.ts'
import { drawObjects, goOn } from './draw-objects.ts'
import { drawParts } from './draw-parts.ts'
import { drawVersions } from './draw-versions.ts'
import { buckets, type GcsState } from './state.ts'

const weights: Readonly<Record<Theme, number>> = { objects: 56, versions: 22, parts: 22 }

export function draw(state: GcsState, at: number): Operation {
  const pen = new GcsPen(state, at)
  const drawers = { objects: () => drawObjects(pen), versions: () => drawVersions(pen), parts: () => drawParts(pen) }
  return pen.draw(weights, drawers, (cut) => goOn(pen, cut))
}

const keys = [...plainKeys, '<&>\'"', 'o//p', './o']

/** Writes one operation by what is there. */
export class GcsPen extends Pen<GcsState> {
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
