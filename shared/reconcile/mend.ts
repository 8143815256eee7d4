import { asFailure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { sameStamp } from '#shared/kernel/stamp.ts'
import { Ledger } from '#shared/replication/ledger.ts'
import { lift } from '#shared/replication/lift.ts'
import type { Sight } from '#shared/replication/model.ts'
import { scopeOf, tryLook } from '#shared/replication/observe.ts'
import { type GroupSurvey, upshotOf } from './examine.ts'
import type { Upshot, Glimpse } from './model.ts'

type Shown = Exclude<Sight, { shows: 'nothing' }>

/**
 * One version everywhere, whose headers or metadata were changed in place and whose event was lost. Written over itself where it was written
 * first, it becomes a version that everyone can order. The listing may be old news: the key itself is asked first.
 */
export async function liftPatched(
  here: GroupSurvey,
  key: Key,
  glimpses: readonly Glimpse[],
  site: SiteId,
  settle: () => Promise<Upshot>,
): Promise<Upshot> {
  const [sight] = await lookAt(here, key, [site])
  const told = glimpses.find((glimpse) => 'stamp' in glimpse)!
  // What came since the listing is older or newer than others by its own date: lifted, a copy would outdo them all.
  if (sight === undefined || !sameStamp(sight.stamp, told.stamp)) return settle()
  const others = glimpses.flatMap((other) => ('properties' in other && other.site !== site ? [other.properties] : []))
  if (others.every((properties) => properties === sight.content.properties)) return settle()
  return write(here, key, sight, 'its metadata was changed in place, and the event was lost', settle)
}

/** Tags have no date and no digest: where they differ, those of the version's own site are taken for the last. */
export async function compareTags(
  here: GroupSurvey,
  key: Key,
  sites: readonly SiteId[],
  settle: () => Promise<Upshot>,
): Promise<Upshot> {
  const ledger = new Ledger(here.group.id, key)
  const sights = await lookAt(here, key, sites)
  const [first] = sights
  if (first === undefined || sights.length < sites.length) return settle()
  if (!sights.every(({ stamp }) => sameStamp(stamp, first.stamp))) return settle()
  const own = sights.find(({ site }) => site === first.stamp.origin) ?? first
  try {
    const tags = await Promise.all(sights.map((sight) => tagsOf(here, key, sight)))
    if (tags.every((one) => one === tags[0])) return upshotOf(ledger.outcome())
  } catch (thrown) {
    const { message, site } = asFailure(thrown)
    ledger.deferred(own.site, { kind: 'settle', group: here.group.id, key }, here.core.limits.retryMs, message)
    ledger.missed(site ?? own.site)
    return upshotOf(ledger.outcome())
  }
  return write(here, key, own, 'its tags differ from those of its copies', settle)
}

/** Of those that answer and show something. */
async function lookAt(
  { core, circle, signal }: GroupSurvey,
  key: Key,
  sites: readonly SiteId[],
): Promise<readonly Shown[]> {
  const scope = scopeOf(core, circle, key, signal)
  const looks = await Promise.all(sites.map((site) => tryLook(scope, site)))
  return looks.filter((look) => 'shows' in look).filter((sight) => sight.shows !== 'nothing')
}

async function tagsOf({ core, signal }: GroupSurvey, key: Key, { site, meta }: Shown): Promise<string> {
  const tags = meta.tagCount === 0 ? {} : await core.store(site).tags(key, meta.version, signal)
  return JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

async function write(
  { core, group, signal }: GroupSurvey,
  key: Key,
  { site, meta }: Shown,
  why: string,
  settle: () => Promise<Upshot>,
): Promise<Upshot> {
  const ledger = new Ledger(group.id, key)
  const again = { kind: 'settle', group: group.id, key } as const
  const what = { group: group.id, store: core.store(site), version: meta, over: meta, why, again }
  if (await lift(core, ledger, what, signal)) return upshotOf(ledger.outcome())
  ledger.add((await settle()).outcome)
  return upshotOf(ledger.outcome())
}
