/** Tags as Azure indexes them, and those that it cannot. */

export type Tags = Readonly<Record<string, string>>

const tagsMax = 10
const nameMax = 128
const valueMax = 256

/** Letters, digits, space and seven marks. */
const indexed = /^[A-Za-z0-9 +\-./:=_]*$/

/** `carried`: those that Azure cannot hold, as one value of metadata; '' where it holds all. */
export function splitTags(tags: Tags): { readonly native: Tags; readonly carried: string } {
  const all = Object.entries(tags)
  const fit = all.filter(([name, value]) => isIndexed(name, value)).slice(0, tagsMax)
  const kept = new Set(fit.map(([name]) => name))
  return { native: Object.fromEntries(fit), carried: spelt(all.filter(([name]) => !kept.has(name))) }
}

/** `null` where the entry is none that we wrote. */
export function carriedTags(entry: string | undefined): Tags | null {
  if (entry === undefined) return null
  try {
    const pairs = entry.split('&').map((pair) => {
      const at = pair.indexOf('=')
      return [decodeURIComponent(pair.slice(0, at)), decodeURIComponent(pair.slice(at + 1))] as const
    })
    return spelt(pairs) === entry ? Object.fromEntries(pairs) : null
  } catch {
    return null
  }
}

/** The SDK loses a tag named `__proto__` when it reads. */
function isIndexed(name: string, value: string): boolean {
  const fits = name !== '' && name.length <= nameMax && value.length <= valueMax
  return fits && name !== '__proto__' && indexed.test(name) && indexed.test(value)
}

function spelt(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}
