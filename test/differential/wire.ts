import type { Dialect, Referee, Voice } from './operation.ts'
import { type Found, runDifferential } from './run.ts'

export interface Asked {
  readonly seed: number
  readonly operations: number
  readonly findingsMax?: number
  readonly progress?: (done: number, found: Found) => void
}

export interface Running {
  readonly voice: Voice
  close(): Promise<void>
}

/** One cloud's wire, with all that a run needs. */
export interface Wire {
  readonly name: string
  /** The server that its explanations are about, and their names. */
  readonly referee: string
  readonly explanations: readonly string[]
  /** The face of this repository, over an engine of its own. */
  embedded(): Promise<Running>
  /** A server at an address, with what the environment says of it. */
  at(url: string, said: (name: string, otherwise?: string) => string): Voice
  /** `explained`: whether the other is the referee; else nothing explains a difference. */
  compare(ours: Voice, theirs: Voice, asked: Asked, explained: boolean): Promise<Found>
}

interface Parts<State> extends Pick<Wire, 'embedded' | 'at'> {
  readonly dialect: (seed: number) => Dialect<State>
  readonly referee: Referee<State>
}

const alone = { explanations: [], silences: [] }

export function wireOf<State>({ dialect, referee, embedded, at }: Parts<State>): Wire {
  return {
    name: dialect(0).wire,
    referee: referee.name,
    explanations: referee.explanations.map(({ name }) => name),
    embedded,
    at,
    compare: (ours, theirs, { seed, ...asked }, explained) =>
      runDifferential({
        ...asked,
        dialect: dialect(seed),
        ours,
        theirs,
        referee: explained ? referee : { name: 'none', ...alone },
        tag: crypto.randomUUID().slice(0, 8),
      }),
  }
}
