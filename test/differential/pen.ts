import type { Stream } from '#test/simulation/random.ts'
import type { Operation, Theme } from './operation.ts'

/** What is known of both sides, as far as every wire has it. */
export interface Drawable {
  readonly chance: Stream
  /** The last listing that was cut: most are gone on with at once. */
  readonly cut: Operation | null
}

/** Few keys, so that operations meet. None is a prefix of another with a slash behind it: that is a question of its own. */
export const plainKeys: readonly string[] = [
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
]

/** An operation as its drawer thinks of it; what is not said is empty. */
export interface Wish {
  readonly theme: Theme
  readonly kind: string
  readonly bucket: string
  readonly path: readonly string[]
  readonly key?: string
  readonly changes?: readonly string[]
  readonly method: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Writes one operation by what is there. */
export class Pen<State extends Drawable> {
  readonly state: State
  readonly chance: Stream
  readonly at: number

  constructor(state: State, at: number) {
    this.state = state
    this.chance = state.chance
    this.at = at
  }

  ask({ path, key = '', method, query = {}, headers = {}, body = '', changes = [], ...wish }: Wish): Operation {
    return { ...wish, at: this.at, key, changes, request: { method, path, query, headers, body } }
  }

  /** A cut listing is mostly gone on with; else chance says what is asked about. */
  draw(
    weights: Readonly<Record<Theme, number>>,
    drawers: Readonly<Record<Theme, () => Operation>>,
    goOn: (cut: Operation) => Operation,
  ): Operation {
    const { cut } = this.state
    if (cut !== null && cut.at === this.at - 1 && this.chance.chance(0.7)) return goOn(cut)
    return drawers[this.chance.weighted(weights)]()
  }
}

/** A bucket and a key of it as the segments of a path. */
export function pathOf(place: string, key = ''): string[] {
  return [`‹${place}›`, ...(key === '' ? [] : key.split('/'))]
}
