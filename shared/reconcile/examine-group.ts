import type { Group } from '#shared/config/model.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { circleOf } from '#shared/replication/believe.ts'
import type { Core } from '#shared/replication/core.ts'
import { Ledger } from '#shared/replication/ledger.ts'
import type { Message } from '#shared/replication/model.ts'
import { scopeOf, tryLook } from '#shared/replication/observe.ts'
import { run } from '#shared/replication/run.ts'
import { decide, type Verdict } from './decide.ts'
import { type GroupSurvey, type Examiner, upshotOf, nothingDone } from './examine.ts'
import { glimpse, glimpseOf, isOfRow, isYoung, printOf, stillShows } from './glimpse.ts'
import { compareTags, liftPatched } from './mend.ts'
import type { Line } from './merge.ts'
import type { Upshot, Glimpse } from './model.ts'
import type { Prints, Seen } from './seen.ts'

export function groupExaminer(core: Core, group: Group, deep: boolean, signal: AbortSignal): Examiner {
  const circle = circleOf(core.config, group)
  const here: GroupSurvey = { core, group, circle, deep, signal }
  return {
    sites: group.members.filter((site) => !core.out(group.id, site)),
    enough: (answering) => answering.length > 1,
    examine(line) {
      const glimpses = line.seats.map(({ site, row }) => glimpse(core, circle, site, line.key, row))
      const first = decide({ glimpses, remembered: false, deep })
      if (first.verdict === 'in-sync') return null
      return (seen) => {
        const prints = printsOf(core, line)
        const remembered = seen.remembers(line.key, prints)
        const verdict = remembered ? decide({ glimpses, remembered, deep }) : first
        if (verdict.verdict !== 'in-sync')
          return () => work({ here, line, glimpses, prints, seen, remembered, outrun: false }, verdict)
        seen.learn(line.key, prints)
        return null
      }
    },
  }
}

interface Case {
  readonly here: GroupSurvey
  readonly line: Line
  readonly glimpses: readonly Glimpse[]
  readonly prints: Prints
  readonly seen: Seen
  readonly remembered: boolean
  /** A HEAD has shown another version than the listing did. */
  readonly outrun: boolean
}

async function work(one: Case, verdict: Verdict): Promise<Upshot> {
  const { here, line } = one
  if (line.seats.some(({ site, row }) => isYoung(here.core, site, row))) return young(one)
  switch (verdict.verdict) {
    case 'in-sync':
      if (!one.outrun) one.seen.learn(line.key, one.prints)
      return nothingDone
    case 'look':
      return look(one, verdict.sites)
    case 'settle':
      return settle(one)
    case 'lift':
      return liftPatched(here, line.key, one.glimpses, verdict.site, () => settle(one))
    case 'tags':
      return compareTags(here, line.key, sitesOf(line), () => settle(one))
    case 'corrupt': {
      const ledger = new Ledger(here.group.id, line.key)
      for (const site of verdict.sites)
        ledger.note(
          'parked',
          site,
          `the stores of ${verdict.sites.join(' and ')} vouch for different bytes of one version: compare both, and write the right one again`,
        )
      return upshotOf(ledger.outcome())
    }
  }
}

/** Its event is under way. Should it be lost, this message is not. */
function young({ here: { core, group }, line }: Case): Upshot {
  const ledger = new Ledger(group.id, line.key)
  ledger.deferred(
    line.seats[0]!.site,
    messageFor(group, line.key),
    core.limits.freshMs,
    'written just now: its event has the first turn',
  )
  return { outcome: ledger.outcome(), missed: [] }
}

/** One HEAD where the listings cannot tell. */
async function look(one: Case, sites: readonly SiteId[]): Promise<Upshot> {
  const { here, line } = one
  const scope = scopeOf(here.core, here.circle, line.key, here.signal)
  const sights = new Map(await Promise.all(sites.map(async (site) => [site, await tryLook(scope, site)] as const)))
  if (![...sights.values()].every((sight) => 'shows' in sight)) return settle(one) // It says who did not answer, and leaves a message for later.
  let outrun = false
  const glimpses = one.glimpses.map((known, i) => {
    const sight = sights.get(known.site)
    const { row } = line.seats[i]!
    if (sight === undefined || !('shows' in sight)) return known
    if (!isOfRow('meta' in sight ? sight.meta : null, row)) outrun = true
    return glimpseOf(sight, row)
  })
  return work({ ...one, glimpses, outrun }, decide({ glimpses, remembered: one.remembered, deep: here.deep }))
}

async function settle(one: Case): Promise<Upshot> {
  const { line, prints, seen } = one
  const { core, group, deep, signal } = one.here
  const outcome = await run(messageFor(group, line.key), core, signal)
  const agreed = outcome.receipts.every(({ action }) => action === 'agreed')
  // A copy that lies over a deletion is settled by every deep pass, and each time found to agree: its tags are not to be forgotten for that.
  if (agreed && deep && one.glimpses.some(mayBeTagged))
    return compareTags(one.here, line.key, sitesOf(line), async () => upshotOf(outcome))
  if (agreed && !deep && line.seats.every(({ row }) => row?.shown)) {
    // What settle saw may have come after the listing: the versions listed are not remembered for those that followed.
    const still = await Promise.all(line.seats.map((seat) => stillShows(core, line.key, seat, signal)))
    if (still.every(Boolean)) seen.learn(line.key, prints)
  }
  return upshotOf(outcome)
}

function mayBeTagged(glimpse: Glimpse): boolean {
  return !('tagCount' in glimpse) || glimpse.tagCount > 0
}

function sitesOf({ seats }: Line): readonly SiteId[] {
  return seats.map(({ site }) => site)
}

function messageFor(group: Group, key: Key): Message {
  return { kind: 'settle', group: group.id, key }
}

function printsOf(core: Core, { seats }: Line): Prints {
  return new Map(seats.map(({ site, row }) => [site, printOf(core, row)]))
}
