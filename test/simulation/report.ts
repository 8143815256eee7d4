import { laws } from './checker-laws.ts'
import { counted } from './counted.ts'
import type { Summary } from './summary.ts'

export function asJson(summary: Summary, from: number): string {
  const { seeds, broken, exceptions, seedsPerSecond, coverage, median } = summary
  const { faults, acts, worlds, outOfTime } = coverage.counts()
  return JSON.stringify(
    {
      from,
      seeds,
      violations: broken.length,
      broken,
      exceptions,
      seedsPerSecond: Math.round(seedsPerSecond),
      faults,
      acts,
      worlds,
      outOfTime,
      median,
    },
    null,
    2,
  )
}

export function asTable(summary: Summary, mode: string): string {
  const { seeds, broken, exceptions, seedsPerSecond, coverage, median } = summary
  const lines: string[] = []
  for (const { seed, law, world, what } of broken.slice(0, 40))
    lines.push(`BROKEN law ${law} (${laws[law]}) by seed ${seed}, a world of ${world}: ${what}`)
  if (broken.length > 40) lines.push(`... and ${broken.length - 40} more`)
  lines.push(...broken.flatMap(({ story }) => (story === null ? [] : ['', story])))
  lines.push('', 'faults, where they changed the course of a run', ...columns(coverage.faults))
  lines.push('', 'acts of users', ...columns(coverage.acts))
  lines.push('', 'worlds', ...columns(coverage.worlds), '', `${coverage.outOfTime} functions ran out of time`)
  lines.push(
    '',
    `${counted(seeds, 'seed')} ${mode}: ${new Set(broken.map(({ seed }) => seed)).size} broken, ${counted(exceptions, 'exception')} (an S3 condition met by equal bytes), ` +
      `${Math.round(seedsPerSecond)} seeds/s on one core; the median seed has ${counted(median.sites, 'site')}, ${counted(median.keys, 'key')}, ${counted(median.acts, 'act')} of users`,
  )
  return lines.join('\n')
}

function columns(counts: Readonly<Record<string, number>>): readonly string[] {
  const cells = Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`.padEnd(40))
  const rows: string[] = []
  for (let i = 0; i < cells.length; i += 3) rows.push(`  ${cells.slice(i, i + 3).join('')}`.trimEnd())
  return rows
}
