/** Something that was promised, and the command that shows whether it holds today. */
export interface Promised {
  readonly line: string
  run(): Promise<Outcome>
}

export interface Outcome {
  /** What was measured, in a few words. Never a number that was not read from a run of this very moment. */
  readonly figure: string
  readonly held: boolean
  /** Rows behind the figure, for who wants to see them all. */
  readonly details?: readonly string[]
}

export interface Capability {
  readonly promises: readonly Promised[]
}

/** For figures that share one long run: the first to ask starts it. */
export function once<T>(start: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => (running ??= start())
}

export function notHeld(figure: string): Outcome {
  return { figure, held: false }
}
