import type { Route } from '#shared/config/model.ts'
import type { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Ledger } from './ledger.ts'
import type { Message } from './model.ts'
import type { Scope } from './observe.ts'

/** One key on its way along one route. */
export interface Mirroring {
  readonly route: Route
  readonly key: Key
  readonly scope: Scope
  readonly ledger: Ledger
  readonly seen: boolean
  readonly targets: readonly SiteId[]
  /** Targets not yet known to show what the source shows. */
  readonly open: Set<SiteId>
}

/** `soon`: the target stays open for another round. Reported is the site whose trouble it is: of a part that cannot be read that is the source. */
export function setAside(mirroring: Mirroring, site: SiteId, failure: Failure): void {
  if (failure.kind === 'unknown')
    mirroring.ledger.mayLand(site, messageFor(mirroring, [site]), mirroring.scope.core.limits.landMs)
  if (failure.patience === 'soon') return
  mirroring.open.delete(site)
  const troubled = failure.site ?? site
  if (failure.patience === 'never') mirroring.ledger.parked(troubled, failure)
  else comeBack(mirroring, troubled, [site], failure.message)
}

export function comeBack(mirroring: Mirroring, site: SiteId, targets: readonly SiteId[], why: string): void {
  mirroring.ledger.deferred(site, messageFor(mirroring, targets), mirroring.scope.core.limits.retryMs, why)
}

export function messageFor({ route, key, seen }: Mirroring, targets: readonly SiteId[]): Message {
  return { kind: 'mirror', route: route.id, key, targets, seen }
}
