import { themes, type Operation } from './operation.ts'
import type { Finding, Found } from './run.ts'

export const explanationsMax = 15
/** Of all operations. */
const maskedMax = 0.02
/** Of all operations, on versions and on parts each; chance alone may be below it in a short run. */
const themeLeast = 0.2
const longRun = 10_000

export interface Judged {
  readonly wire: string
  readonly referee: string
  readonly address: string
  readonly seed: number
  readonly found: Found
  readonly seconds: number
}

/** What is wrong with a run, one sentence each; empty where it holds. */
export function faultsOf({ found }: Pick<Judged, 'found'>): string[] {
  const { findings, explained, masked, operations, spoken, themes } = found
  return [
    ...(findings.length > 0 ? [`${findings.length} differences have no explanation`] : []),
    ...(explained.size > explanationsMax
      ? [`${explained.size} explanations were needed, at most ${explanationsMax} may be`]
      : []),
    ...(masked >= operations * maskedMax
      ? [`explanations account for ${percent(masked, operations)} of the operations`]
      : []),
    ...(['versions', 'parts'] as const)
      .filter((theme) => operations >= longRun && themes[theme] < operations * themeLeast)
      .map(
        (theme) =>
          `${percent(themes[theme], operations)} of the operations are on ${theme}, at least ${percent(themeLeast, 1)} should be`,
      ),
    ...(spoken.size > 0 ? [`said where there should be silence: ${[...spoken].slice(0, 5).join('; ')}`] : []),
  ]
}

export function asTable(judged: Judged): string {
  const { wire, referee, address, seed, found, seconds } = judged
  const { operations, themes: asked, refused, masked, explained, findings } = found
  const faults = faultsOf(judged)
  const reasons = [...explained].toSorted(([, a], [, b]) => b - a)
  return [
    `${wire} against ${referee} at ${address}, seed ${seed}, ${seconds.toFixed(0)} s`,
    `  ${operations} operations: ${themes.map((theme) => `${asked[theme]} on ${theme}`).join(', ')}; ${refused} were refused by both or one`,
    `  ${masked} answered otherwise for ${explained.size} known reasons (${percent(masked, operations)}), ${findings.length} for none`,
    ...reasons.map(([name, times]) => `  ${String(times).padStart(6)}  ${name}`),
    faults.length === 0 ? '  holds' : `  DOES NOT HOLD: ${faults.join('; ')}`,
  ].join('\n')
}

export function asJson(all: readonly Judged[]): string {
  const rows = all.map((judged) => {
    const { wire, referee, address, seed, found, seconds } = judged
    const { operations, themes, refused, masked, explained, findings, kinds } = found
    return {
      wire,
      referee,
      address,
      seed,
      seconds: Math.round(seconds),
      operations,
      themes,
      kinds: Object.fromEntries(kinds),
      refused,
      masked,
      explained: Object.fromEntries(explained),
      findings: findings.map(({ operation, differences }) => ({ at: operation.at, kind: operation.kind, differences })),
      faults: faultsOf(judged),
    }
  })
  return JSON.stringify(rows, null, 2)
}

/** What a stranger needs to see what happened. */
export function story({ operation, differences, history }: Finding): string {
  return [
    `#${operation.at} ${operation.kind}: ${requestLine(operation)}`,
    ...differences.slice(0, 8).map(({ field, ours, theirs }) => `    ${field}: ours ${ours}, theirs ${theirs}`),
    ...(differences.length > 8 ? [`    ... and ${differences.length - 8} fields more`] : []),
    ...history.map((before) => `    after #${before.at} ${before.kind}: ${requestLine(before)}`),
  ].join('\n')
}

function requestLine({ request: { method, path, query, headers, body } }: Operation): string {
  const shown = typeof body === 'string' ? body.slice(0, 300) : `${body.byteLength} bytes`
  return `${method} /${path.join('/')} ${JSON.stringify(query)} ${JSON.stringify(headers)} ${shown}`
}

function percent(part: number, whole: number): string {
  return `${((part / Math.max(1, whole)) * 100).toFixed(2)} %`
}
