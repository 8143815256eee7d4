import { plain, show } from './show.ts'

/** One mistake, ready to be printed: nothing in it can move a cursor or break a line. */
export interface ConfigIssue {
  /** `replicate[0].to[1]`, or a line and column where the text is not JSON. */
  readonly path: string
  readonly found: string
  readonly expected: string
}

/** Where a mistake lies in the document. */
export type Place = readonly PropertyKey[]

const printedMax = 50

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly issues: readonly ConfigIssue[]

  constructor(issues: readonly ConfigIssue[]) {
    const lines = issues
      .slice(0, printedMax)
      .map(({ path, found, expected }) => `  ${path}: found ${found}, expected ${expected}`)
    if (issues.length > printedMax) lines.push(`  and ${issues.length - printedMax} more`)
    super(
      `the configuration is refused (${issues.length === 1 ? 'one mistake' : `${issues.length} mistakes`}):\n${lines.join('\n')}`,
    )
    this.issues = issues
  }
}

/** `found` and `expected` are sentences of ours: values in them went through `show`. */
export function issue(place: Place, found: string, expected: string): ConfigIssue {
  return { path: pathOf(place), found, expected }
}

export function pathOf(place: Place): string {
  const steps = place.map((step) => {
    const name = String(step)
    return /^[A-Za-z$][\w$-]{0,63}$/.test(name) ? `.${name}` : `[${show(step)}]`
  })
  return plain(steps.join('').replace(/^\./, '')) || '(the whole document)'
}
