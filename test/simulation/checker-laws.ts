/** The laws that a world can break, by their numbers in the architecture. */
export const laws = {
  0: 'No defect',
  1: 'No echo',
  2: 'No blind write',
  3: 'Convergence',
  4: 'Nothing acknowledged is lost',
  5: 'Deletes are safe',
  6: 'No silent corruption',
  7: 'An event is a hint',
  8: 'Bulkheads',
  9: 'Bounded',
  10: 'Any line may be the last',
  13: 'Poison is refused aloud',
} as const

export type Law = keyof typeof laws

export interface Violation {
  readonly law: Law
  readonly key: string | null
  readonly site: string | null
  readonly atMs: number | null
  readonly what: string
}

/** The one stated exception: an S3 condition was met by other bytes that are equal. */
export interface Exception {
  readonly key: string
  readonly site: string
  readonly atMs: number
  readonly what: string
}

/** What one law has to say. */
export interface Findings {
  readonly violations: readonly Violation[]
  readonly exceptions: readonly Exception[]
}
