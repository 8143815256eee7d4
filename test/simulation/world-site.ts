import { sourceKey } from '#shared/config/rules-at.ts'
import type { Config } from '#shared/config/model.ts'
import { type RuleId, type SiteId, siteId } from '#shared/kernel/ids.ts'
import { groupEntry, routeEntry } from '#shared/kernel/mark.ts'
import type { Change as BucketChange } from '#shared/memory/change.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'
import { startMs } from './epoch.ts'
import type { Caller, Ground, Hand, Stores, Watched } from './ground.ts'
import { isNewsForAnother } from './own-writes.ts'
import type { Cloud, SitePlan } from './plan.ts'
import type { Timeline } from './timeline.ts'

/** What our functions' writes are tagged with. */
const isobarTag = 'isobar'

/** One bucket in its cloud, with a clock of its own. */
export class Site {
  readonly plan: SitePlan
  readonly id: SiteId
  readonly bucket: Watched
  readonly user: Hand
  readonly #stores: Stores

  constructor(plan: SitePlan, timeline: Timeline, ground: Ground) {
    this.plan = plan
    this.id = siteId(plan.id)
    this.#stores = ground.site(plan, () => startMs + timeline.nowMs + plan.skewMs)
    this.bucket = this.#stores.bucket
    this.user = this.#stores.user
  }

  reachedBy(caller: Caller): ReturnType<Stores['reachedBy']> {
    return this.#stores.reachedBy(caller)
  }

  /** What its cloud tells of a change; `null` where it tells nothing. */
  eventOf(change: BucketChange, config: Config): ObjectEvent | null {
    const { cloud, ownAccount } = this.plan
    const kind = kindOf(change, cloud)
    if (kind === null) return null
    const ours = change.by === isobarTag
    if (ours && ownAccount && !isNewsForAnother(config, this.id, change.key)) return null
    return {
      site: this.id,
      key: change.key,
      kind,
      id: kind === 'created' || cloud === 'gcs' ? change.id : null,
      timeMs: cloud === 's3' ? Math.floor(change.atMs / 1000) * 1000 : change.atMs,
      writtenFor: ours && cloud === 'azure' ? this.#writer(change, config) : null,
      byUser: cloud === 's3' ? change.by !== 'lifecycle' : null,
    }
  }

  /** The request id of a write names its rule; of a removal too, where one rule alone can have removed it. */
  #writer({ key, kind, meta }: BucketChange, config: Config): RuleId | null {
    const group = config.groups.find(({ members, keys }) => members.includes(this.id) && key.startsWith(keys.prefix))
    const route = config.routes.find((one) => one.to.includes(this.id) && sourceKey(one, key) !== null)
    if (kind === 'delete') return group === undefined || route === undefined ? (group?.id ?? route?.id ?? null) : null
    if (meta?.metadata[groupEntry] !== undefined) return group?.id ?? null
    return meta?.metadata[routeEntry] === undefined ? null : (route?.id ?? null)
  }
}

function kindOf({ kind, by }: BucketChange, cloud: Cloud): ObjectEvent['kind'] | null {
  switch (kind) {
    case 'put':
      return 'created'
    case 'delete':
    case 'delete-marker':
      return 'deleted'
    case 'removed-version':
      return cloud === 's3' && by === null ? 'uncovered' : null
    case 'patched':
      return cloud === 'gcs' ? 'updated' : null
    case 'tags':
      return null
  }
}
