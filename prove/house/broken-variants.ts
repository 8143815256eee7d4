import type { Promised } from '#prove/promise.ts'
import { simulate } from './simulation.ts'

/** One row of `npm run sim -- --break all --output json`. */
export interface Variant {
  readonly variant: string
  readonly caught: boolean
  readonly law: string | null
  readonly seed: number | null
  readonly seedsTaken: number
}

/** How many ways of breaking the core were promised. */
const promisedVariants = 27

export const brokenVariants: Promised = {
  line: 'each broken variant of the core is caught, by the law that it breaks',
  async run() {
    const rows = await simulate<readonly Variant[]>('--break', 'all')
    const caught = rows.filter((row) => row.caught)
    const longest = Math.max(0, ...caught.map(({ seedsTaken }) => seedsTaken))
    return {
      figure: `${caught.length} of ${rows.length} caught, the slowest after ${longest} seeds`,
      held: rows.length >= promisedVariants && caught.length === rows.length,
      details: rows.map((row) =>
        row.caught
          ? `${row.variant}: ${row.law}, seed ${row.seed}, after ${row.seedsTaken} seeds`
          : `${row.variant}: NOT CAUGHT in ${row.seedsTaken} seeds`,
      ),
    }
  },
}
