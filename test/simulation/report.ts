import { lineOf, portAwaits } from './awaits.ts'
import { laws } from './checker-laws.ts'
import { counted } from './counted.ts'
import type { Summary } from './summary.ts'

export function asJson(summary: Summary, from: number): string {
  const { seeds, broken, exceptions, seedsPerSecond, coverage, median } = summary
  const counts = byCount(coverage.counts)
  return JSON.stringify(
    {
      from,
      seeds,
      violations: broken.length,
      broken,
      exceptions,
      seedsPerSecond: Math.round(seedsPerSecond),
      coverage: Object.fromEntries(counts.filter(([name]) => !isAside(name))),
      aside: Object.fromEntries(counts.filter(([name]) => isAside(name))),
      crashes: Object.fromEntries(crashesAt(summary)),
      median,
    },
    null,
    2,
  )
}

/** Neither a fault nor an act: how often which world came up, and what followed from faults. */
function isAside(name: string): boolean {
  return name.startsWith('world: ') || name === 'out of time'
}

export function asTable(summary: Summary, mode: string): string {
  const { seeds, broken, exceptions, seedsPerSecond, coverage, median } = summary
  const lines: string[] = []
  for (const { seed, law, world, what } of broken.slice(0, 40))
    lines.push(`BROKEN law ${law} (${laws[law]}) by seed ${seed}, a world of ${world}: ${what}`)
  if (broken.length > 40) lines.push(`... and ${broken.length - 40} more`)
  lines.push(...broken.flatMap(({ story }) => (story === null ? [] : ['', story])))
  lines.push('', 'what happened, where it changed the course of a run', ...columns(byCount(coverage.counts)))
  const crashed = sumByLine(coverage.crashes)
  lines.push('', 'functions died at', ...columns([...crashed].toSorted(([a], [b]) => (a < b ? -1 : 1))))
  const never = neverCrashed(summary)
  lines.push(never.length === 0 ? 'no await of the protocols was spared' : `never died at: ${never.join(', ')}`)
  lines.push(
    '',
    `${counted(seeds, 'seed')} ${mode}: ${new Set(broken.map(({ seed }) => seed)).size} broken, ${counted(exceptions, 'exception')} (an S3 condition met by equal bytes), ` +
      `${Math.round(seedsPerSecond)} seeds/s on one core; the median seed has ${counted(median.sites, 'site')}, ${counted(median.keys, 'key')}, ${counted(median.acts, 'act')} of users`,
  )
  return lines.join('\n')
}

function neverCrashed(summary: Summary): readonly string[] {
  return crashesAt(summary).flatMap(([line, times]) => (times === 0 ? [line] : []))
}

/** Each await of the protocols, those that were spared too. By events alone no pass is made. */
function crashesAt({ coverage, eventsOnly }: Summary): readonly (readonly [string, number])[] {
  const crashed = sumByLine(coverage.crashes)
  const lines = portAwaits().filter((line) => !(eventsOnly && line.startsWith('reconcile/')))
  return lines.map((line) => [line, crashed.get(line) ?? 0])
}

function sumByLine(crashes: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const [where, times] of crashes) sums.set(lineOf(where), (sums.get(lineOf(where)) ?? 0) + times)
  return sums
}

function byCount(counts: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...counts].toSorted(([, a], [, b]) => b - a)
}

function columns(entries: readonly (readonly [string, number])[]): readonly string[] {
  const cells = entries.map(([name, count]) => `${name} ${count}`.padEnd(40))
  const rows: string[] = []
  for (let i = 0; i < cells.length; i += 3) rows.push(`  ${cells.slice(i, i + 3).join('')}`.trimEnd())
  return rows
}
