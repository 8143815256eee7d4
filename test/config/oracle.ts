/**
 * A second reading of a configuration, by trial: it moves every key of a small universe along every rule and looks at what happened.
 * It knows the document and nothing of shared/config, so that it can judge what was accepted there.
 */

interface Document {
  readonly sites: Readonly<
    Record<string, { readonly retired?: boolean; readonly versioned?: boolean; readonly region?: string }>
  >
  readonly replicate: readonly Rule[]
  readonly stay?: readonly {
    prefix?: string
    include?: readonly string[]
    sites?: readonly string[]
    regions?: readonly string[]
  }[]
}

interface Rule {
  readonly id: string
  readonly among?: readonly string[]
  readonly from?: string
  readonly to?: readonly string[]
  readonly prefix?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly rename?: { readonly from: string; readonly to: string }
  readonly intoGroup?: boolean
}

/** One copy that a rule makes: from here to there. */
interface Move {
  readonly rule: Rule
  readonly from: string
  readonly to: string
  readonly site: string
  readonly key: string
  readonly before: string
}

/** What is wrong with the document, in words; empty where its keys come to no harm. `words` are taken for the beginnings and ends of keys. */
export function harm(document: Document, words: readonly string[]): readonly string[] {
  const names = dangling(document)
  if (names.length > 0) return names
  const moves = allMoves(document, universe(document, words))
  return [...shared(document, moves), ...circles(moves), ...strays(document, moves), ...entries(document, moves)]
}

function dangling({ sites, replicate }: Document): readonly string[] {
  const ids = new Set(replicate.map(({ id }) => id))
  const bad = replicate.flatMap((rule) => [
    ...[...(rule.among ?? []), ...(rule.to ?? []), ...(rule.from === undefined ? [] : [rule.from])]
      .filter((site) => !Object.hasOwn(sites, site) || sites[site]?.retired === true)
      .map((site) => `${rule.id} names ${site}`),
    ...(rule.among ?? []).filter((site) => sites[site]?.versioned === false).map((site) => `${rule.id} has ${site}`),
    ...(rule.among === undefined || new Set(rule.among).size > 1 ? [] : [`${rule.id} is a group of one`]),
  ])
  return ids.size === replicate.length ? bad : [...bad, 'an id twice']
}

/** Every text that a prefix, a pattern or a word begins, and every name that a rename gives it, two renames deep. */
function universe({ replicate, stay = [] }: Document, words: readonly string[]): readonly string[] {
  const patterns = [...replicate, ...stay].flatMap((each) => [
    ...(each.include ?? []),
    ...('exclude' in each ? (each.exclude ?? []) : []),
  ])
  const heads = [...replicate, ...stay].map(({ prefix = '' }) => prefix)
  const begins = new Set(['', ...heads, ...patterns.map((text) => /^[^*?\\]*/.exec(text)?.[0] ?? ''), ...words])
  let keys = new Set([...begins].flatMap((begin) => words.map((word) => begin + word)))
  for (const renames of [replicate, replicate]) {
    const more = renames.flatMap(({ rename }) =>
      rename === undefined
        ? []
        : [...keys].flatMap((key) => [turn(key, rename.from, rename.to), turn(key, rename.to, rename.from)]),
    )
    keys = new Set([...keys, ...more])
  }
  return [...keys].filter((key) => key !== '')
}

function turn(key: string, from: string, to: string): string {
  return key.startsWith(from) ? to + key.slice(from.length) : key
}

function allMoves({ replicate }: Document, keys: readonly string[]): readonly Move[] {
  return replicate.flatMap((rule) => {
    const sources = rule.among ?? (rule.from === undefined ? [] : [rule.from])
    const targets = rule.among ?? rule.to ?? []
    return keys
      .filter((key) => takes(rule, key))
      .flatMap((before) => {
        const key = rule.rename === undefined ? before : turn(before, rule.rename.from, rule.rename.to)
        return sources.flatMap((source) =>
          targets
            .filter((site) => site !== source)
            .map((site) => ({ rule, from: `${source}:${before}`, to: `${site}:${key}`, site, key, before })),
        )
      })
  })
}

function takes({ prefix = '', include = [], exclude = [] }: Omit<Rule, 'id'>, key: string): boolean {
  const like = (pattern: string): boolean => expression(pattern).test(key)
  return key.startsWith(prefix) && (include.length === 0 || include.some(like)) && !exclude.some(like)
}

const expressions = new Map<string, RegExp>()

function expression(pattern: string): RegExp {
  const known = expressions.get(pattern)
  if (known !== undefined) return known
  const source = pattern
    .replaceAll(/[.+^$()|]/g, String.raw`\$&`)
    .replaceAll(/(^|\/)\*\*\//g, '$1(?:.+/|/)~')
    .replaceAll('**', '.~')
    .replaceAll(/(?<!\.)\*/g, '[^/]*')
    .replaceAll('?', (mark, at: number, text: string) => (text[at - 1] === '(' || text[at - 1] === ')' ? mark : '[^/]'))
    .replaceAll(')~', ')?')
    .replaceAll('.~', '.*')
  const made = new RegExp(`^${source}$`, 's')
  expressions.set(pattern, made)
  return made
}

/** A key in two groups at one site, or written at one place by two routes; members of a group are one place for its keys. */
function shared({ replicate }: Document, moves: readonly Move[]): readonly string[] {
  const groups = new Map<string, Set<string>>()
  for (const { rule, from } of moves) if (rule.among !== undefined) mapped(groups, from).add(rule.id)
  const writers = new Map<string, Set<string>>()
  for (const { rule, from, to, site, key } of moves) {
    if (rule.among !== undefined) continue
    const group = replicate.find((each) => each.among?.includes(site) === true && takes(each, key))
    mapped(writers, group === undefined ? to : `group ${group.id}:${key}`).add(`${rule.id} from ${from} at ${site}`)
  }
  return [...groups, ...writers].filter(([, by]) => by.size > 1).map(([place, by]) => `${place}: ${[...by].join(', ')}`)
}

function mapped(map: Map<string, Set<string>>, key: string): Set<string> {
  const set = map.get(key) ?? new Set()
  map.set(key, set)
  return set
}

/** A copy that some way leads on to the very route that made it: it comes back, or goes on for ever under longer names. */
function circles(moves: readonly Move[]): readonly string[] {
  const onward = new Map<string, Set<string>>()
  const sources = new Map<string, Set<string>>()
  for (const { rule, from, to } of moves) {
    mapped(onward, from).add(to)
    mapped(sources, rule.id).add(from)
  }
  return moves
    .filter(({ rule, to }) => rule.among === undefined && reaches(onward, to, mapped(sources, rule.id)))
    .map(({ rule, from }) => `${from} comes back to ${rule.id}`)
}

function reaches(onward: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: ReadonlySet<string>): boolean {
  const seen = new Set([from])
  for (const at of seen) for (const next of onward.get(at) ?? []) seen.add(next)
  return [...to].some((place) => seen.has(place))
}

/** A copy outside the sites where its key may lie, or under a name that no longer says so. */
function strays({ sites, stay = [] }: Document, moves: readonly Move[]): readonly string[] {
  return stay.flatMap((rule) =>
    moves
      .filter(({ site, key, before }) => {
        const inside = rule.sites?.includes(site) ?? rule.regions?.includes(sites[site]?.region ?? '') ?? false
        return takes(rule, before) ? !inside || !takes(rule, key) : takes(rule, key) && !inside
      })
      .map(({ from, to }) => `${from} may not become ${to}`),
  )
}

function entries({ replicate }: Document, moves: readonly Move[]): readonly string[] {
  return moves
    .filter(({ rule, site, key }) => {
      const into = replicate.some((each) => each.among?.includes(site) === true && takes(each, key))
      return rule.among === undefined && into && rule.intoGroup !== true
    })
    .map(({ rule, to }) => `${rule.id} enters a group at ${to}`)
}
