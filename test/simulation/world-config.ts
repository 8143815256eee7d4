import { keyFilter } from '#shared/config/key-filter.ts'
import type { Config, Group, Guards, Route, Site } from '#shared/config/model.ts'
import { ruleId, type SiteId, siteId } from '#shared/kernel/ids.ts'
import { startMs } from './epoch.ts'
import type { GroupPlan, Plan, RoutePlan, SitePlan } from './plan.ts'

const unguarded: Guards = { maxBytesPerDay: null, deletes: { perHour: null } }

/** The configuration as it is rolled out at this moment: who has joined by then, who has left. */
export function configAt(plan: Plan, atMs: number): Config {
  const retired = plan.sites.filter((site) => isRetired(site, atMs)).map(({ id }) => siteId(id))
  const here = (id: string) => plan.sites.some((site) => site.id === id && isMember(site, atMs))
  const groups = plan.rules.filter((rule) => rule.kind === 'group').map((rule) => groupOf(rule, here, retired))
  const routes = plan.rules.filter((rule) => rule.kind === 'route').map((rule) => routeOf(rule, retired))
  return {
    sites: new Map(
      plan.sites
        .filter((site) => isMember(site, atMs) || isRetired(site, atMs))
        .map((site) => [siteId(site.id), siteOf(site, atMs)]),
    ),
    groups,
    routes,
    stays: [],
    guards: unguarded,
    federation: { azure: null },
    paused: false,
  }
}

/** The moments at which a new configuration is rolled out. */
export function configChanges(plan: Plan): readonly number[] {
  const moments = plan.sites.flatMap(({ joinedAtMs, retiresAtMs }) => [joinedAtMs ?? 0, retiresAtMs ?? 0])
  return moments.filter((ms) => ms > 0).toSorted((a, b) => a - b)
}

export function isRetired({ retiresAtMs }: SitePlan, atMs: number): boolean {
  return retiresAtMs !== null && atMs >= retiresAtMs
}

function isMember(site: SitePlan, atMs: number): boolean {
  return (site.joinedAtMs === null || atMs >= site.joinedAtMs) && !isRetired(site, atMs)
}

function siteOf(site: SitePlan, atMs: number): Site {
  const id = siteId(site.id)
  const common = {
    id,
    joinedMs: site.joinedAtMs === null ? null : startMs + site.joinedAtMs + site.skewMs,
    retired: isRetired(site, atMs),
    versioned: site.versioned,
    retentionDays: 30,
    control: `${id}-control`,
    region: null,
    endpoint: null,
  }
  switch (site.cloud) {
    case 's3':
      return { ...common, kind: 's3', bucket: id, pathStyle: false, role: null }
    case 'azure':
      return { ...common, kind: 'azure-blob', account: id, container: id, role: null }
    case 'gcs':
      return { ...common, kind: 'gcs', bucket: id, role: null, providers: { aws: null, azure: null } }
  }
}

function common(retired: readonly SiteId[], { id, prefix }: { readonly id: string; readonly prefix: string }) {
  return {
    id: ruleId(id),
    keys: keyFilter(prefix, [], []),
    retired,
    sloSeconds: 60,
    windowSeconds: 6,
    storageClass: new Map<SiteId, string>(),
    guards: unguarded,
    paused: false,
    dryRun: false,
  }
}

function groupOf(rule: GroupPlan, here: (id: string) => boolean, retired: readonly SiteId[]): Group {
  return { ...common(retired, rule), kind: 'group', members: rule.among.filter(here).map(siteId) }
}

function routeOf(rule: RoutePlan, retired: readonly SiteId[]): Route {
  const { deletes, foreign, rename } = rule
  const size = { min: 0, max: null }
  const tags = new Map(rule.tag === null ? [] : [['kind', 'hot'] as const])
  return {
    ...common(retired, rule),
    kind: 'route',
    from: siteId(rule.from),
    to: rule.to.map(siteId),
    tags,
    size,
    rename,
    deletes,
    foreign,
  }
}
