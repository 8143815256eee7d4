import type { Violation } from './checker-laws.ts'
import type { History } from './history.ts'

/** Law 1: over sites that agree, nothing is written. */
export function silentOf(history: History): readonly Violation[] {
  return history.passes
    .filter(({ name }) => name.startsWith('again'))
    .flatMap((pass) => {
      const written = history.changes.slice(pass.changesFrom, pass.changesTo).filter(({ by }) => by === 'isobar')
      const [first] = written
      if (first === undefined) return []
      const what = `another ${pass.name === 'again' ? 'reconcile' : 'deep pass'} of ${pass.rule} over healed sites made ${written.length} changes`
      return [{ law: 1 as const, key: first.key, site: first.site, atMs: first.atMs, what }]
    })
}

/** Law 1: each value comes to each site about once, however often its events and its copies' events come. */
export function echoesOf(history: History): readonly Violation[] {
  const users = new Map<string, number>()
  const ours = new Map<string, number>()
  for (const { by, key, site } of history.changes) {
    if (by === 'user') users.set(leaf(key), (users.get(leaf(key)) ?? 0) + 1)
    else ours.set(`${site} ${key}`, (ours.get(`${site} ${key}`) ?? 0) + 1)
  }
  return [...ours].flatMap(([where, writes]) => {
    const [site = '', key = ''] = where.split(' ')
    const deeds = users.get(leaf(key)) ?? 0
    return writes <= 3 * deeds + 4
      ? []
      : [
          {
            law: 1 as const,
            key,
            site,
            atMs: null,
            what: `${deeds} changes by users became ${writes} of ours at one site`,
          },
        ]
  })
}

function leaf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

/** Most requests of one invocation, and most at once. */
export const requestsMax = 400
const widthMax = 24
/** Of one object at once in memory: the lead of two, the one that is read and the one that is sent. */
const keptPartsMax = 5
/** In true time, from the moment when nothing failed any more until the last message was gone. */
const restMaxMs: number = 20 * 60_000

/** Law 9: no invocation asks without end, and the world comes to rest. */
export function boundedOf(history: History): readonly Violation[] {
  const found: Violation[] = []
  for (const one of history.invocations) {
    const at = { law: 9 as const, key: null, site: one.cloud, atMs: one.startedAtMs }
    if (one.requests > requestsMax)
      found.push({ ...at, what: `${one.what}: ${one.requests} requests in one invocation` })
    if (one.width > widthMax) found.push({ ...at, what: `${one.what}: ${one.width} requests at once` })
    if (one.keptParts > keptPartsMax)
      found.push({ ...at, what: `${one.what}: ${one.keptParts} parts of one object in memory` })
    if (one.end === 'timeout') found.push({ ...at, what: `${one.what}: did not end within its function's time` })
  }
  for (const { name, rule, whole, restedAtMs } of history.passes) {
    if (!whole)
      found.push({
        law: 9,
        key: null,
        site: null,
        atMs: restedAtMs,
        what: `the pass ${name} of ${rule} never came to its end`,
      })
  }
  const { quietAtMs, healedAtMs } = history.rest
  const restless = quietAtMs === null || (history.passes.length === 0 && quietAtMs - healedAtMs > restMaxMs)
  if (restless)
    found.push({
      law: 9,
      key: null,
      site: null,
      atMs: quietAtMs,
      what: 'the world never came to rest, though nothing failed any more',
    })
  return found
}

/** Law 13: poison goes to the dead letters whole, naming its field, and nothing else does. */
export function poisonOf(history: History): readonly Violation[] {
  const found: Violation[] = []
  const names = { rule: 'no-such-rule', route: 'no-such-route' }
  for (const letter of history.letters) {
    const at = { law: 13 as const, key: null, site: null, atMs: letter.atMs }
    if (letter.poison === null)
      found.push({ ...at, what: `given up, though it is no poison: ${letter.what}: ${letter.error}` })
    else if (!letter.error.includes(names[letter.poison]))
      found.push({ ...at, what: `refused without naming its field: ${letter.error}` })
  }
  const refused = history.letters.filter(({ poison }) => poison !== null).length
  if (refused < history.rest.poisonSent && history.rest.quietAtMs !== null) {
    found.push({
      law: 13,
      key: null,
      site: null,
      atMs: null,
      what: `${history.rest.poisonSent} poisonous messages were sent, ${refused} refused`,
    })
  }
  return found
}

/** Law 0: our code throws nothing but what it says it throws. */
export function defectsOf(history: History): readonly Violation[] {
  return history.invocations.flatMap(({ error, what, cloud, startedAtMs }) =>
    error === null || error.startsWith('Failure')
      ? []
      : [{ law: 0 as const, key: null, site: cloud, atMs: startedAtMs, what: `${what}: ${error}` }],
  )
}
