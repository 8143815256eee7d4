import { admits, targetKey } from '#shared/config/rules-at.ts'
import type { Route } from '#shared/config/model.ts'
import { asFailure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Found, ObjectMeta } from '#shared/ports/object-store.ts'
import { circleOf } from './believe.ts'
import type { Core } from './core.ts'
import { decideMirror, type MirrorVerdict, type Original, type RouteTerms } from './decide-mirror.ts'
import { Ledger } from './ledger.ts'
import { remove, write } from './mirror-acts.ts'
import { comeBack, type Mirroring, messageFor, setAside } from './mirroring.ts'
import type { Outcome, Sight } from './model.ts'
import type { Source } from './move.ts'
import { mayBegin } from './patience.ts'
import { nativeStamp, noted, scopeOf, tryLook } from './observe.ts'
import { digestProperties } from './properties.ts'

export interface MirrorOptions {
  readonly targets: readonly SiteId[]
  /** A version has just been created: write where nothing is, and look only when refused. */
  readonly fresh: boolean
  readonly seen: boolean
  /** When this invocation began, by the monotonic clock. */
  readonly beganMs: number
}

/** One way. No clocks, no histories: the source is asked again whenever there is doubt. */
export async function mirror(
  route: Route,
  key: Key,
  core: Core,
  signal: AbortSignal,
  options: MirrorOptions,
): Promise<Outcome> {
  const ledger = new Ledger(route.id, key)
  const there = targetKey(route, key)
  if (there === null) {
    ledger.note('parked', route.from, 'renamed, the key is longer than any store can hold')
    return ledger.outcome()
  }
  const scope = scopeOf(core, circleOf(core.config, route), there, signal)
  const mirroring: Mirroring = {
    route,
    key,
    scope,
    ledger,
    seen: options.seen,
    targets: options.targets,
    open: new Set(options.targets),
  }
  try {
    if (await mirrorRounds(mirroring, options)) return ledger.outcome()
    comeBack(mirroring, route.from, [...mirroring.open], 'no agreement within the rounds and the time of one function')
  } catch (thrown) {
    const failure = noted(core, route.from, asFailure(thrown)) // The source's: without it no target can be judged.
    if (failure.patience === 'never') ledger.parked(route.from, failure)
    else comeBack(mirroring, route.from, options.targets, failure.message)
  }
  return ledger.outcome()
}

async function mirrorRounds(mirroring: Mirroring, { fresh, beganMs }: MirrorOptions): Promise<boolean> {
  const { core } = mirroring.scope
  for (let round = 0; mayBegin(core, round, beganMs); round++) {
    if (await mirrorOnce(mirroring, fresh && round === 0)) return true
  }
  return false
}

/** One round: whether nothing is left to do here. */
async function mirrorOnce(mirroring: Mirroring, fresh: boolean): Promise<boolean> {
  const { route, key, scope, open, seen } = mirroring
  const startedMs = scope.core.clock.monotonic()
  // A fresh event opens at once what it will most likely copy.
  const found = fresh ? await scope.core.store(route.from).get(key, scope.signal) : null
  const opened = found === null ? null : await admitted(mirroring, found.meta)
  if (found !== null && opened === null) return waitAsDeletionsDo(mirroring)
  const blind = found === null || opened === null ? null : assumeNothing(mirroring, found, opened)
  const { source, original, sights } = blind ?? (await lookAtBoth(mirroring, found))
  const verdicts = sights.map((sight) => ({
    sight,
    verdict: decideMirror(original, sight, termsAt(mirroring, sight.site), seen),
  }))
  const sightsWith = (wanted: MirrorVerdict) =>
    verdicts.filter(({ verdict }) => verdict === wanted).map(({ sight }) => sight)
  for (const { sight, verdict } of verdicts) noteVerdict(mirroring, sight, verdict, original)
  if (source !== null) await write(mirroring, source, sightsWith('write'))
  await Promise.all(sightsWith('remove').map((sight) => remove(mirroring, sight)))
  const slow = scope.core.clock.monotonic() - startedMs > scope.core.limits.slowMs
  if (slow) await reopenIfChanged(mirroring, source)
  return open.size === 0
}

/** Where nothing is kept, what is foreign would be lost: there it is left alone whatever the route says. */
function termsAt({ route, scope }: Mirroring, site: SiteId): RouteTerms {
  const keeps = scope.core.store(site).traits.history !== 'none'
  return { deletes: route.deletes, foreign: keeps ? route.foreign : 'leave' }
}

/** A version that leaves a route's filter takes its copy away: not before copies of what was there have landed. */
function waitAsDeletionsDo(mirroring: Mirroring): boolean {
  const { route, scope, ledger, open } = mirroring
  const { slowMs } = scope.core.limits
  const waitMs = slowMs + scope.core.store(route.from).traits.dateGranularityMs
  ledger.deferred(
    route.from,
    messageFor(mirroring, [...open]),
    waitMs,
    'what the route does not take waits as a deletion does',
  )
  return true
}

interface BothEnds {
  readonly source: Source | null
  readonly original: Original | null
  readonly sights: readonly Sight[]
}

/** Writes where nothing is: a refusal tells. `null` where a look is better. */
function assumeNothing(mirroring: Mirroring, found: Found, original: Original): BothEnds | null {
  if (!isWrittenBlind(mirroring, found.meta.size)) return null
  const sights = [...mirroring.open].map((site): Sight => ({ site, shows: 'nothing', below: null }))
  const store = mirroring.scope.core.store(mirroring.route.from)
  return { source: { store, meta: found.meta, found }, original, sights }
}

/** The targets first: whoever writes there a newer version than we see at the source does so after our look, and breaks our condition. */
async function lookAtBoth(mirroring: Mirroring, found: Found | null): Promise<BothEnds> {
  const { route, key, scope, open } = mirroring
  const looks = await Promise.all([...open].map((site) => tryLook(scope, site)))
  const store = scope.core.store(route.from)
  const meta = await store.head(key, scope.signal)
  scope.core.breakers.succeeded(route.from)
  for (const [i, site] of [...open].entries()) {
    const look = looks[i]!
    if (!('shows' in look)) setAside(mirroring, site, look)
  }
  const original = meta === null ? null : await admitted(mirroring, meta)
  const opened = found?.meta.version === meta?.version ? found : null
  return {
    source: meta === null ? null : { store, meta, found: opened },
    original,
    sights: looks.filter((look) => 'shows' in look),
  }
}

/** A refused write has already paid for its body. */
function isWrittenBlind({ route, key, scope }: Mirroring, size: number): boolean {
  return size <= scope.core.limits.blindBytes && !scope.core.habits.overwrites(route.id, key)
}

/** The source may have moved on while its copy was under way. */
async function reopenIfChanged({ key, scope, open, targets, route }: Mirroring, source: Source | null): Promise<void> {
  const now = await scope.core.store(route.from).head(key, scope.signal)
  if (now?.version !== source?.meta.version) for (const site of targets) open.add(site)
}

async function admitted({ route, scope }: Mirroring, meta: ObjectMeta): Promise<Original | null> {
  const { core, signal } = scope
  const tags =
    route.tags.size > 0 && meta.tagCount > 0 ? await core.store(route.from).tags(meta.key, meta.version, signal) : {}
  if (!admits(route, meta.size, new Map(Object.entries(tags)))) return null
  return { stamp: nativeStamp(route.from, meta), properties: digestProperties(core.hashing, meta) }
}

function noteVerdict(
  { ledger, open }: Mirroring,
  { site }: Sight,
  verdict: MirrorVerdict,
  original: Original | null,
): void {
  if (verdict === 'write' || verdict === 'remove') return
  open.delete(site)
  const why = {
    agreed: 'the target shows what the source shows',
    foreign: 'what is there is no copy of this source',
    kept: 'the route keeps what its source deleted',
  }
  ledger.note(verdict, site, why[verdict], { stamp: original?.stamp ?? null })
}
