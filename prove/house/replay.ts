import { lastWords, run } from '#prove/command.ts'
import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'

const from = 1
const seeds = 1_000

/** A digest of all that happened in each seed, by seed. */
type Told = Readonly<Record<string, string>>

/** A process of its own each time. The order of the seeds must not matter either: what one leaves behind would change the next. */
async function tell(order: 'forwards' | 'backwards'): Promise<Told> {
  const args = ['test/simulation/digest-seeds.ts', String(from), String(seeds), order]
  const result = await run('node', args, { minutes: 20 })
  if (result.code !== 0) throw new Error(lastWords(result))
  return JSON.parse(result.stdout) as Told
}

export function compare(first: Told, second: Told): Outcome {
  const names = Object.keys(first)
  if (names.length < seeds || Object.keys(second).length !== names.length)
    return notHeld(`${names.length} and ${Object.keys(second).length} seeds were told, ${seeds} wanted`)
  const different = names.filter((seed) => first[seed] !== second[seed])
  return {
    figure: `${names.length} seeds from ${from} told in two processes, ${different.length} differently`,
    held: different.length === 0,
    ...(different.length > 0 && { details: different.map((seed) => `seed ${seed} was told in two ways`) }),
  }
}

export const replay: Promised = {
  line: 'runs are replayed from the seed alone: the same whole history in another process',
  run: async () => compare(await tell('forwards'), await tell('backwards')),
}
