import { cloudOf, type Cloud } from '#shared/config/place.ts'
import type { Config, GcsSite, Rule, Site } from '#shared/config/model.ts'
import type { SiteId } from '#shared/kernel/ids.ts'

/** Where the code runs; `null` is a machine of one's own. */
export type Platform = Cloud | null

export type Environment = Readonly<Record<string, string | undefined>>

/** As whom a site is asked. Only `variables` are stored, and only where nothing else can be. */
export type Identity =
  | { readonly as: 'variables'; readonly values: readonly string[] }
  /** What the platform says we are, or who is logged in on this machine. */
  | { readonly as: 'ourselves' }
  /** The same, who then takes the site's role. */
  | { readonly as: 'role' }
  /** A token of the platform, shown to the site's cloud. */
  | { readonly as: 'federated'; readonly from: Cloud }
  | { readonly as: 'nobody'; readonly why: string }

const variables: Readonly<Record<Site['kind'], readonly string[]>> = {
  s3: ['ACCESS_KEY_ID', 'SECRET_ACCESS_KEY'],
  'azure-blob': ['ACCOUNT_KEY'],
  gcs: ['TOKEN'],
}

/** The environment variables that hold a site's credentials, where it is given any. */
export function variablesOf({ id, kind }: Pick<Site, 'id' | 'kind'>): readonly string[] {
  return variables[kind].map((name) => `ISOBAR_SITE_${id.toUpperCase().replaceAll('-', '_')}_${name}`)
}

/** Decides as whom a site is asked, by where the code runs, what the site is, and which variables are set. */
export function identityOf(site: Site, platform: Platform, environment: Environment, config: Config): Identity {
  const names = variablesOf(site)
  const values = names.flatMap((name) => environment[name] || [])
  if (values.length === names.length) return unsound(names, values) ?? { as: 'variables', values }
  const unset = names.filter((name) => !environment[name]).join(', ')
  if (values.length > 0) return nobody(site, '', 'half of its credentials', `${unset} in the environment as well`)

  const cloud = cloudOf(site)
  if (cloud === null) {
    return nobody(site, '', 'a store of your own and no credentials', `${unset} in the environment`)
  }
  if (platform === null) return site.role === null || cloud === 'azure' ? { as: 'ourselves' } : { as: 'role' }
  if (platform === cloud) return site.role === null ? { as: 'ourselves' } : { as: 'role' }
  return lacking(site, platform, config) ?? { as: 'federated', from: platform }
}

/** What no header can hold would be told of by whoever fails to send it, secret and all. */
function unsound(names: readonly string[], values: readonly string[]): Identity | null {
  const name = names.find((_, at) => !/^[\x20-\x7e]+$/.test(values[at] ?? ''))
  if (name === undefined) return null
  return {
    as: 'nobody',
    why: `${name}: found a line break or another letter that no header can hold; copy it again`,
  }
}

/** What the configuration must say before one cloud's function can show another cloud who it is. */
function lacking(site: Site, platform: Cloud, { federation }: Config): Identity | null {
  const asked = `for functions in ${platform}`
  if (site.kind === 's3' && site.role === null) return nobody(site, '.role', 'nothing', `the ARN of a role ${asked}`)
  if (site.kind === 'azure-blob' && site.role === null) {
    return nobody(site, '.role', 'nothing', `the "tenant" and the "client" of an application ${asked}`)
  }
  if (site.kind === 'gcs' && providerOf(site, platform) === null) {
    return nobody(site, `.providers.${platform}`, 'nothing', `a workload identity provider ${asked}`)
  }
  if (platform !== 'azure' || federation.azure !== null) return null
  const expected = `the application that ${site.id} trusts, such as "api://isobar"`
  return { as: 'nobody', why: `federation.azure: found nothing, expected ${expected}` }
}

export function providerOf({ providers }: GcsSite, from: Cloud): string | null {
  return from === 'gcp' ? null : providers[from]
}

function nobody({ id }: Site, field: string, found: string, expected: string): Identity {
  return { as: 'nobody', why: `sites.${id}${field}: found ${found}, expected ${expected}` }
}

/** The sites that functions of a platform ask: those of every rule that an event there can start. Whose events start a rule elsewhere, nobody knows. */
export function sitesAskedFrom(config: Config, platform: Platform): readonly Site[] {
  const inUse = [...config.sites.values()].filter(({ retired }) => !retired)
  if (platform === null) return inUse
  const starts = (rule: Rule) =>
    (rule.kind === 'group' ? rule.members : [rule.from]).some((id) => {
      const site = config.sites.get(id)
      return site !== undefined && (cloudOf(site) ?? platform) === platform
    })
  const asked = new Set<SiteId>([...config.groups, ...config.routes].filter(starts).flatMap(sitesOf))
  return inUse.filter(({ id }) => asked.has(id))
}

function sitesOf(rule: Rule): readonly SiteId[] {
  return rule.kind === 'group' ? rule.members : [rule.from, ...rule.to]
}
