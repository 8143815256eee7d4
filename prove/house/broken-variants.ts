import type { Outcome, Promised } from '#prove/promise.ts'
import { simulate } from './simulation.ts'

/** One row of `npm run sim -- --break all --output json`. */
export interface Variant {
  readonly variant: string
  readonly caught: boolean
  /** As `law 5 (Deletes are safe)`. */
  readonly law: string | null
  readonly seed: number | null
  readonly seedsTaken: number
  readonly what: string | null
}

/** Which variants were promised, and which laws each of them breaks. Law 0 is none of them: whatever throws, throws for any reason. */
const promised: Readonly<Record<string, readonly number[]>> = {
  'no-condition': [2, 5],
  'dead-below-alive': [5],
  'stamp-from-arrival': [2, 3, 5],
  'stamp-from-copy': [1, 2, 3, 5],
  'deletions-forgotten': [5],
  'mark-of-any-age': [2, 3, 5],
  'mark-of-another-key': [2, 3, 5],
  'mark-of-changed-bytes': [2, 3, 5],
  'mark-of-changed-metadata': [2, 3, 5],
  'mark-of-the-future': [2, 3, 5],
  'no-nonce': [2, 3, 5],
  'nothing-looked-at-below': [5],
  'onto-not-recorded': [5],
  'onto-not-inherited': [5],
  'no-hold': [2],
  'refused-is-done': [2, 3, 5],
  'unknown-is-failure': [2, 3, 5],
  'unknown-is-success': [2, 3, 5],
  'tie-guessed': [2, 3, 5],
  'loser-not-kept': [4],
  'checksum-not-compared': [6],
  'parts-trusted': [6, 9, 10],
  'absence-concluded': [3, 5, 7],
  'no-bulkhead': [9],
  'acknowledged-before-written': [2, 3, 5, 7],
  'echo-not-recognised': [1],
  'adopted-copied-again': [1],
}

function lawOf({ law }: Variant): number | null {
  const number = /^law (\d+)/.exec(law ?? '')?.[1]
  return number === undefined ? null : Number(number)
}

/** A variant of our own, beyond those promised, may be caught by any law that it says it breaks. */
function isCaught(row: Variant): boolean {
  const law = lawOf(row)
  return row.caught && law !== null && law !== 0 && (promised[row.variant]?.includes(law) ?? true)
}

function seedsOf(count: number): string {
  return count === 1 ? '1 seed' : `${count} seeds`
}

export function judgeVariants(rows: readonly Variant[]): Outcome {
  const missing = Object.keys(promised).filter((name) => !rows.some(({ variant }) => variant === name))
  const caught = rows.filter(isCaught)
  const longest = Math.max(0, ...caught.map(({ seedsTaken }) => seedsTaken))
  const count = Object.keys(promised).length
  const caughtOfPromised = caught.filter(({ variant }) => Object.hasOwn(promised, variant)).length
  return {
    figure: `${caughtOfPromised} of ${count} promised and ${caught.length - caughtOfPromised} of ${rows.length + missing.length - count} others caught by their laws, the slowest after ${seedsOf(longest)}`,
    held: missing.length === 0 && caught.length === rows.length,
    details: [
      ...missing.map((name) => `${name}: PROMISED, and not there`),
      ...rows.map((row) => {
        if (!row.caught) return `${row.variant}: NOT CAUGHT in ${seedsOf(row.seedsTaken)}`
        const how = `${row.law}, seed ${row.seed}, after ${seedsOf(row.seedsTaken)}`
        return isCaught(row)
          ? `${row.variant}: ${how}`
          : `${row.variant}: caught by ANOTHER LAW than its own: ${how}: ${row.what}`
      }),
    ],
  }
}

export const brokenVariants: Promised = {
  line: 'each broken variant of the core is caught, by the law that it breaks',
  run: async () => judgeVariants(await simulate<readonly Variant[]>('--break', 'all')),
}
