import type { Act, Plan, Size, WorldName } from './plan.ts'
import type { Stream } from './random.ts'

type Base = Pick<Plan, 'world' | 'eventsOnly' | 'sites' | 'rules' | 'keys'>
type Kind = Act['kind']
type Weights = Readonly<Partial<Record<Kind, number>>>

const ordinary: Weights = {
  write: 30,
  overwrite: 22,
  delete: 20,
  undelete: 4,
  restore: 6,
  upload: 4,
  react: 14,
  patch: 2,
  copy: 1,
  tamper: 1,
}

const weightsOf: Readonly<Partial<Record<WorldName, Weights>>> = {
  races: { write: 20, overwrite: 15, delete: 15, react: 50 },
  late: { write: 30, overwrite: 20, delete: 30, react: 10 },
  lives: { write: 40, delete: 45, react: 10, undelete: 5 },
  second: { write: 50, overwrite: 15, delete: 25, undelete: 3, react: 7 },
  copies: { write: 16, overwrite: 8, delete: 12, copy: 14, tamper: 14, forge: 7, restore: 20, undelete: 5, patch: 6 },
  large: { write: 35, upload: 25, overwrite: 15, delete: 15, react: 10 },
  restores: { write: 15, restore: 45, delete: 25, undelete: 10, patch: 5 },
  join: { write: 30, overwrite: 25, delete: 30, react: 10, restore: 5 },
  routes: { write: 40, overwrite: 20, delete: 25, undelete: 5, restore: 5, patch: 5 },
  feeds: { write: 35, overwrite: 20, delete: 25, undelete: 5, restore: 5, react: 10 },
  hung: { write: 80, overwrite: 20 },
  tags: { write: 40, tag: 35, overwrite: 10, delete: 10, restore: 5 },
}

/** Where users of these worlds are in a hurry. */
const spanMs: Readonly<Partial<Record<WorldName, readonly [least: number, most: number]>>> = {
  second: [900, 4_000],
  races: [2_000, 15_000],
  lives: [5_000, 40_000],
  join: [70_000, 90_000],
  hung: [200_000, 300_000],
  calm: [30_000, 90_000],
}

export function actsFor(base: Base, stream: Stream): Act[] {
  const { world } = base
  const acts: Act[] = world === 'join' ? found(base, stream) : []
  const [least, most] = spanMs[world] ?? [8_000, 80_000]
  const span = stream.between(least, most)
  const count = stream.int(9, 15)
  const main = stream.pick(base.keys)
  for (let i = 0; i < count; i++) {
    const key = stream.chance(0.65) ? main : stream.pick(base.keys)
    const fromMs = world === 'join' && key !== main ? laterThanJoining(base) : 500
    const act = actFor(base, acts.length, fromMs + stream.between(0, span), key, acts, stream)
    if (act !== null) acts.push(onceJoined(base, act))
  }
  // Everything needs a beginning.
  if (!acts.some(({ kind }) => kind === 'write' || kind === 'found')) {
    acts.push({
      ...place(base, main, stream),
      kind: 'write',
      size: 'small',
      tags: false,
      headers: false,
      id: acts.length,
      atMs: 300,
      key: main,
    })
  }
  return acts
}

/** Before a site joins nobody acts there where its store does not date deletions: what was deleted by then cannot be told from what is deleted after. */
function onceJoined({ sites }: Base, act: Act): Act {
  const site = sites.find(({ id }) => id === act.site)
  const joinedAtMs = site?.cloud === 'azure' ? site.joinedAtMs : null
  return joinedAtMs === null || act.atMs > joinedAtMs ? act : { ...act, atMs: act.atMs + joinedAtMs + 1_000 }
}

/** What lies under most keys is adopted before anybody touches it again. */
function laterThanJoining({ sites }: Base): number {
  return Math.max(...sites.map(({ joinedAtMs }) => joinedAtMs ?? 0)) + 15_000
}

function actFor(base: Base, id: number, atMs: number, key: string, before: readonly Act[], stream: Stream): Act | null {
  const at = { id, atMs: Math.round(atMs * 4) / 4, key, ...place(base, key, stream) }
  const kind = stream.weighted(usable(base)) as Kind
  const { world } = base
  const size = sizeIn(world, stream)
  switch (kind) {
    case 'write':
      return {
        ...at,
        kind,
        size,
        tags: stream.chance(world === 'routes' || world === 'feeds' ? 0.6 : 0.2),
        headers: stream.chance(0.2),
      }
    case 'overwrite':
      return { ...at, kind, size, thinkMs: stream.pick([0, 30, 400, 2_500]) }
    case 'delete':
    case 'undelete':
    case 'forge':
    case 'patch':
    case 'tag':
      return { ...at, kind }
    case 'restore':
      return { ...at, kind, depth: stream.int(0, 3) }
    case 'copy': {
      const others = base.keys.filter((other) => other !== key)
      return others.length === 0 ? null : { ...at, kind, to: stream.pick(others) }
    }
    case 'tamper':
      return { ...at, kind, what: stream.pick(['bytes', 'metadata'] as const) }
    case 'upload':
      return {
        ...at,
        kind,
        forMs: stream.pick([300, 2_000, 6_000]),
        size: stream.pick(['small', size, 'large'] as const),
      }
    case 'react': {
      const writers = before.filter(
        (act) => act.key === key && ['write', 'overwrite', 'upload', 'react'].includes(act.kind),
      )
      if (writers.length === 0) return { ...at, kind: 'write', size, tags: false, headers: false }
      const to = stream.pick(writers)
      return {
        ...at,
        kind,
        to: to.id,
        delayMs: stream.pick([0, 5, 60, 300]),
        how: stream.pick(['overwrite', 'overwrite', 'delete'] as const),
      }
    }
    case 'found':
      return null
  }
}

/** Azure tells no event of metadata that was set, nobody of tags: only a pass sees them. */
function usable({ world, eventsOnly }: Base): Readonly<Record<string, number>> {
  const weights = weightsOf[world] ?? ordinary
  return eventsOnly ? { ...weights, patch: 0, tag: 0 } : weights
}

/** Where users act: at any member of a group; along routes at the first source, and now and then where they should not. */
function place({ sites, rules, world, eventsOnly }: Base, key: string, stream: Stream): { readonly site: string } {
  const routes = rules.filter((rule) => rule.kind === 'route' && key.startsWith(rule.prefix))
  const group = rules.find((rule) => rule.kind === 'group' && key.startsWith(rule.prefix))
  const into =
    group === undefined
      ? undefined
      : routes.find((rule) => rule.kind === 'route' && group.kind === 'group' && !group.among.includes(rule.from))
  if (into?.kind === 'route') return { site: into.from }
  if (group?.kind === 'group') return { site: stream.pick(group.among) }
  const [first] = routes
  if (first?.kind !== 'route') throw new RangeError(`no rule for ${key} in a world of ${world}`)
  return { site: !eventsOnly && stream.chance(0.1) ? stream.pick(sites).id : first.from }
}

function sizeIn(world: WorldName, stream: Stream): Size {
  if (world === 'large') return stream.weighted({ small: 2, middling: 1, large: 7 })
  if (world === 'hung' || world === 'rollout') return stream.weighted({ small: 4, middling: 1, large: 5 })
  return stream.weighted({ small: 85, middling: 10, large: 5 })
}

/** What lies in the buckets before a site joins: some of it the same at several sites. */
function found({ sites, keys }: Base, stream: Stream): Act[] {
  const acts: Act[] = []
  for (const key of keys) {
    const twin = acts.length
    for (const [i, site] of sites.entries()) {
      if (!stream.chance(i === sites.length - 1 ? 0.9 : 0.5)) continue
      const id = acts.length
      acts.push({
        id,
        kind: 'found',
        atMs: stream.int(0, 2_000),
        site: site.id,
        key,
        twin: stream.chance(0.75) ? twin : id,
        parts: stream.chance(0.4),
      })
    }
  }
  return acts
}
