import { targetKey } from '#shared/config/rules-at.ts'
import type { Route } from '#shared/config/model.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { type Circle, circleOf } from '#shared/replication/believe.ts'
import type { Core } from '#shared/replication/core.ts'
import { Ledger } from '#shared/replication/ledger.ts'
import type { Message, Outcome } from '#shared/replication/model.ts'
import { scopeOf, tryLook } from '#shared/replication/observe.ts'
import { run } from '#shared/replication/run.ts'
import { decideRoute, type RouteVerdict } from './decide.ts'
import { type Examiner, upshotOf, nothingDone } from './examine.ts'
import { glimpse, glimpseOf, isOfRow, isYoung, originalOf, printOf, stillShows } from './glimpse.ts'
import type { Line, Seat } from './merge.ts'
import type { Upshot, ListedOriginal } from './model.ts'
import type { Prints, Seen } from './seen.ts'

interface RouteSurvey {
  readonly core: Core
  readonly route: Route
  readonly circle: Circle
  readonly deep: boolean
  readonly signal: AbortSignal
}

/** The source's seat comes first. A deep pass over a route is one that remembers nothing: a target keeps no history that counts. */
export function routeExaminer(core: Core, route: Route, deep: boolean, signal: AbortSignal): Examiner {
  const here: RouteSurvey = {
    core,
    route,
    circle: circleOf(core.config, route),
    deep,
    signal,
  }
  return {
    sites: [route.from, ...route.to],
    enough: (answering) => answering[0] === route.from && answering.length > 1,
    examine(line) {
      const [source, ...targets] = line.seats
      const there = targetKey(route, line.key)
      // Where no store can hold the name, mirror says so.
      if (there === null) return source!.row === null ? null : (seen) => () => mirror({ here, line, seen }, route.to)
      const original = originalOf(core, route, source!.row)
      const open = targets.flatMap((seat) => {
        const verdict = decideRoute(original, glimpse(core, here.circle, seat.site, there, seat.row))
        return verdict === 'in-sync' ? [] : [{ seat, verdict }]
      })
      return open.length === 0 ? null : (seen) => doubted({ here, line, seen }, there, original, open)
    },
  }
}

function doubted(
  one: Case,
  there: Key,
  original: ListedOriginal | null,
  open: readonly Open[],
): (() => Promise<Upshot>) | null {
  const { here, line, seen } = one
  const left = open.filter(({ seat }) => {
    const prints = printsOf(here.core, line.seats[0]!, seat)
    if (here.deep || !seen.remembers(line.key, prints)) return true
    seen.learn(line.key, prints)
    return false
  })
  return left.length === 0 ? null : () => work(one, there, original, left)
}

interface Case {
  readonly here: RouteSurvey
  readonly line: Line
  readonly seen: Seen
}

interface Open {
  readonly seat: Seat
  readonly verdict: RouteVerdict
}

async function work(one: Case, there: Key, original: ListedOriginal | null, open: readonly Open[]): Promise<Upshot> {
  const { here, line } = one
  const young = [line.seats[0]!, ...open.map(({ seat }) => seat)].find(({ site, row }) => isYoung(here.core, site, row))
  const sites = open.map(({ seat }) => seat.site)
  if (young !== undefined) return wait(one, young.site, sites)
  const looked = await Promise.all(
    open.map(async ({ seat, verdict }) => (verdict === 'look' ? look(one, there, original, seat) : verdict)),
  )
  const left = sites.filter((_, i) => looked[i] !== 'in-sync')
  return left.length === 0 ? nothingDone : mirror(one, left)
}

/** Their events are under way. Should they be lost, this message is not. */
function wait({ here: { core, route }, line }: Case, site: SiteId, targets: readonly SiteId[]): Upshot {
  const ledger = new Ledger(route.id, line.key)
  ledger.deferred(
    site,
    messageFor(route, line.key, targets),
    core.limits.freshMs,
    'written just now: its event has the first turn',
  )
  return { outcome: ledger.outcome(), missed: [] }
}

/** One HEAD at a target whose listing shows no metadata. */
async function look(
  { here, line, seen }: Case,
  there: Key,
  original: ListedOriginal | null,
  seat: Seat,
): Promise<RouteVerdict> {
  const { core, circle, signal } = here
  const scope = scopeOf(core, circle, there, signal)
  const sight = await tryLook(scope, seat.site)
  if (!('shows' in sight)) return 'mirror' // It says who did not answer, and leaves a message for later.
  const verdict = decideRoute(original, glimpseOf(sight, null))
  if (verdict === 'in-sync' && isOfRow('meta' in sight ? sight.meta : null, seat.row))
    seen.learn(line.key, printsOf(core, line.seats[0]!, seat))
  return verdict
}

async function mirror({ here, line, seen }: Case, targets: readonly SiteId[]): Promise<Upshot> {
  const { core, route, deep, signal } = here
  const outcome = await run(messageFor(route, line.key, targets), core, signal)
  const done = line.seats.filter(({ site }) => targets.includes(site) && isDone(route, outcome, site))
  if (done.length > 0 && !deep) await remember({ here, line, seen }, done)
  return upshotOf(outcome)
}

/** What mirror saw may have come after the listing: the versions listed are not remembered for those that followed. */
async function remember({ here: { core, route, signal }, line, seen }: Case, done: readonly Seat[]): Promise<void> {
  const [source] = line.seats
  const there = targetKey(route, line.key)
  if (source === undefined || there === null || !(await stillShows(core, line.key, source, signal))) return
  await Promise.all(
    done.map(async (seat) => {
      if (await stillShows(core, there, seat, signal)) seen.learn(line.key, printsOf(core, source, seat))
    }),
  )
}

/** Nothing was left to do, nor will be while both show these versions. What a user must hear of again is not remembered. */
function isDone(route: Route, { receipts, again }: Outcome, site: SiteId): boolean {
  const own = receipts.filter((receipt) => receipt.site === site)
  const quiet = own.every(({ action }) => action === 'agreed' || (action === 'kept' && route.deletes === false))
  return again.length === 0 && own.length > 0 && quiet
}

function messageFor(route: Route, key: Key, targets: readonly SiteId[]): Message {
  return { kind: 'mirror', route: route.id, key, targets, seen: false }
}

function printsOf(core: Core, source: Seat, target: Seat): Prints {
  return new Map([source, target].map(({ site, row }) => [site, printOf(core, row)]))
}
