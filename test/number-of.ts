/** A whole number that a variable says, or `otherwise` where it says nothing. A misspelt one must not pass for a run in which nothing was asked. */
export function numberOf(name: `ISOBAR_${string}`, otherwise: number, least: 0 | 1 = 1): number {
  const text = process.env[name]
  if (text === undefined) return otherwise
  if (/^\d{1,12}$/.test(text) && Number(text) >= least) return Number(text)
  throw new Error(`${name}: found ${JSON.stringify(text)}, expected a whole number, at least ${least}`)
}
