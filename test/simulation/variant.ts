import type { Law } from './checker-laws.ts'
import type { WorldName } from './plan.ts'

/**
 * The production code with one of its conditions deleted or inverted, wherever it stands, as a change of its text when it is loaded:
 * production knows nothing of it. Each must be caught by the laws, never by an assertion of its own.
 */
export interface Variant {
  readonly name: string
  /** It counts as caught when one of these is broken. */
  readonly laws: readonly Law[]
  readonly why: string
  readonly edits: readonly Edit[]
  readonly eventsOnly?: boolean
  readonly worlds?: readonly WorldName[]
}

/** `find` stands exactly once in the file, its white space being any. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

const replication = (file: string): string => `shared/replication/${file}.ts`

/** One edit of one file of the protocols. */
export function edit(file: string, find: string, replace: string): readonly Edit[] {
  return [{ file: replication(file), find, replace }]
}
