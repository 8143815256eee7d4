import type { Algorithm } from '#shared/kernel/digest.ts'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import { decide, type Verdict } from './decide.ts'
import { compareWithSource, digestAll, hashersFor } from './load.ts'
import type { Content, Native, Replica, Sight, Step } from './model.ts'
import { dig, look, noted, type Scope } from './observe.ts'

/** A verdict that needs no further look. */
export type Judged =
  | Extract<Verdict, { verdict: 'ask' }>
  /** Those that still answered. */
  | { readonly verdict: 'agreed'; readonly sights: readonly Sight[] }
  /** Contents must be read to be compared, and they are large: not in a short function. */
  | { readonly verdict: 'read'; readonly site: SiteId }
  | {
      readonly verdict: 'move'
      readonly stamp: Stamp
      readonly sources: readonly (Native | Replica)[]
      readonly steps: readonly Step[]
    }

const every: readonly Algorithm[] = ['crc64nvme', 'crc32c', 'md5']

/** Decides, fetching what the decision asks for: each history and each content at most once, an origin once more at most. */
export async function judge(
  scope: Scope,
  sights: readonly Sight[],
  deeper: boolean,
  silent: Map<SiteId, Failure>,
): Promise<Judged> {
  let known = sights
  const again = new Set<SiteId>()
  for (;;) {
    const verdict = decide({ sights: known, deeper, silent: new Set(silent.keys()), again })
    if (verdict.verdict === 'look') known = await fill(scope, known, verdict.sites, silent, digBelow)
    else if (verdict.verdict === 'again') {
      again.add(verdict.site)
      known = await fill(scope, known, [verdict.site], silent, look)
    } else if (verdict.verdict === 'read' && !canRead(scope, known, verdict.sites))
      return { verdict: 'read', site: verdict.sites[0]! }
    else if (verdict.verdict === 'read') known = await fill(scope, known, verdict.sites, silent, readContent)
    else return verdict.verdict === 'agreed' ? { verdict: 'agreed', sights: known } : verdict
  }
}

function canRead({ core }: Scope, sights: readonly Sight[], sites: readonly SiteId[]): boolean {
  const shown = sights.filter((sight) => sight.shows !== 'nothing' && sites.includes(sight.site))
  return (
    core.transfers || shown.every((sight) => sight.shows !== 'nothing' && sight.meta.size <= core.limits.smallBytes)
  )
}

/** Replaces the sights of these sites by fuller ones; a member that does not answer falls silent. */
async function fill(
  scope: Scope,
  sights: readonly Sight[],
  sites: readonly SiteId[],
  silent: Map<SiteId, Failure>,
  fuller: (scope: Scope, store: ObjectStore, sight: Sight) => Promise<Sight>,
): Promise<readonly Sight[]> {
  const filled = await Promise.all(
    sights.map(async (sight) => {
      if (!sites.includes(sight.site)) return [sight]
      try {
        return [await fuller(scope, scope.core.store(sight.site), sight)]
      } catch (thrown) {
        silent.set(sight.site, noted(scope.core, sight.site, asFailure(thrown)))
        return []
      }
    }),
  )
  return filled.flat()
}

async function digBelow(scope: Scope, store: ObjectStore, sight: Sight): Promise<Sight> {
  return sight.shows === 'native' ? sight : { ...sight, below: await dig(scope, store, sight) }
}

async function readContent(scope: Scope, store: ObjectStore, sight: Sight): Promise<Sight> {
  if (sight.shows !== 'nothing')
    return { ...sight, content: await readDigests(scope, store, sight.meta, sight.content) }
  const older = sight.below?.older
  if (!older) return sight
  return {
    ...sight,
    below: {
      ...sight.below,
      older: { ...older, content: await readDigests(scope, store, older.meta, older.content) },
    },
  }
}

/** Two stores that share no checksum are compared by reading both, a chunk at a time. */
async function readDigests(scope: Scope, store: ObjectStore, meta: ObjectMeta, content: Content): Promise<Content> {
  const found = await store.get(scope.key, scope.signal, { version: meta.version })
  if (found === null) throw new Failure('absent', `${store.site}: the version to compare is gone`, { site: store.site })
  const hashers = hashersFor(scope.core, every)
  let size = 0
  for await (const chunk of found.body) {
    size += chunk.byteLength
    for (const hasher of hashers.values()) hasher.update(chunk)
  }
  const digests = digestAll(hashers)
  compareWithSource(store, meta, size, digests)
  return { ...content, digests }
}
