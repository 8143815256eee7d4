import { ruleId, siteId, type SiteId } from '#shared/kernel/ids.ts'
import {
  isGroup,
  keepsVersions,
  type ConfigDocument,
  type GuardsDocument,
  type RuleDocument,
  type SiteDocument,
  type StayDocument,
} from './document.ts'
import { keyFilter } from './key-filter.ts'
import type { Config, Guards, Rule, Site, Stay } from './model.ts'

export interface Built {
  readonly config: Config
  /** In the document's order, so that a mistake can be told by its place there. */
  readonly rules: readonly Rule[]
}

/** The document in the core's words. Its shape and its references have been checked. */
export function build(document: ConfigDocument): Built {
  const sites = new Map(Object.entries(document.sites).map(([id, site]) => [siteId(id), siteOf(siteId(id), site)]))
  const retired = [...sites.values()].filter((site) => site.retired).map(({ id }) => id)
  const rules = document.replicate.map((rule) => ruleOf(rule, retired))
  const config: Config = {
    sites,
    groups: rules.filter((rule) => rule.kind === 'group'),
    routes: rules.filter((rule) => rule.kind === 'route'),
    stays: document.stay.map((stay) => stayOf(stay, [...sites.values()])),
    guards: guardsIn(document.guards),
    federation: { azure: document.federation.azure ?? null },
    paused: document.paused,
  }
  return { config, rules }
}

function siteOf(id: SiteId, site: SiteDocument): Site {
  const { retired, retentionDays = 14 } = site
  const common = {
    id,
    retired,
    versioned: keepsVersions(site),
    retentionDays,
    joinedMs: site.joined === undefined ? null : Date.parse(site.joined),
    control: site.control ?? null,
    region: site.region ?? null,
    endpoint: site.endpoint?.replace(/\/+$/, '') ?? null,
  }
  if (site.kind === 'azure-blob') {
    return { ...common, kind: site.kind, account: site.account, container: site.container, role: site.role ?? null }
  }
  const { bucket, role = null } = site
  if (site.kind === 'gcs') {
    const { aws = null, azure = null } = site.providers ?? {}
    return { ...common, kind: site.kind, bucket, role, providers: { aws, azure } }
  }
  return { ...common, kind: site.kind, bucket, role, pathStyle: site.pathStyle ?? site.endpoint !== undefined }
}

function ruleOf(rule: RuleDocument, retired: readonly SiteId[]): Rule {
  const common = {
    id: ruleId(rule.id),
    keys: keyFilter(rule.prefix, rule.include ?? [], rule.exclude),
    retired,
    sloSeconds: rule.sloSeconds,
    windowSeconds: rule.windowSeconds ?? rule.sloSeconds / 10,
    storageClass: new Map(Object.entries(rule.storageClass).map(([id, name]) => [siteId(id), name])),
    guards: guardsIn(rule.guards),
    paused: rule.paused,
    dryRun: rule.dryRun,
  }
  if (isGroup(rule)) return { ...common, kind: 'group', members: rule.among.map(siteId) }
  return {
    ...common,
    kind: 'route',
    from: siteId(rule.from),
    to: rule.to.map(siteId),
    tags: new Map(Object.entries(rule.tags)),
    size: { min: rule.size?.min ?? 0, max: rule.size?.max ?? null },
    rename: rule.rename ?? null,
    deletes: rule.deletes,
    foreign: rule.foreign,
  }
}

function guardsIn({ maxBytesPerDay, deletes }: GuardsDocument): Guards {
  return {
    maxBytesPerDay: maxBytesPerDay ?? null,
    deletes: { perHour: deletes?.perHour ?? null },
  }
}

function stayOf(stay: StayDocument, sites: readonly Site[]): Stay {
  const inside = sites.filter(
    ({ id, region }) => stay.sites?.includes(id) ?? (region !== null && stay.regions?.includes(region)),
  )
  return { keys: keyFilter(stay.prefix ?? '', stay.include ?? [], []), sites: inside.map(({ id }) => id) }
}
