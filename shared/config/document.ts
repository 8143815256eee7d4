/** `isobar.config.json` once its shape is known to be right, defaults filled in; what its parts say of each other is not yet checked. */
export interface ConfigDocument {
  readonly sites: Readonly<Record<string, SiteDocument>>
  readonly replicate: readonly RuleDocument[]
  readonly stay: readonly StayDocument[]
  readonly guards: GuardsDocument
  readonly federation: FederationDocument
  readonly paused: boolean
}

export interface FederationDocument {
  readonly azure?: string | undefined
}

interface AnySiteDocument {
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  readonly control?: string | undefined
  readonly joined?: string | undefined
  readonly retired: boolean
  readonly versioned: boolean
  readonly retentionDays?: number | undefined
}

export interface S3Document extends AnySiteDocument {
  readonly kind: 's3'
  readonly bucket: string
  readonly pathStyle?: boolean | undefined
  readonly role?: string | undefined
}

export interface AzureDocument extends AnySiteDocument {
  readonly kind: 'azure-blob'
  readonly account: string
  readonly container: string
  readonly hierarchicalNamespace: false
  readonly role?: { readonly tenant: string; readonly client: string } | undefined
}

export interface GcsDocument extends AnySiteDocument {
  readonly kind: 'gcs'
  readonly bucket: string
  readonly hierarchicalNamespace: boolean
  readonly role?: string | undefined
  readonly providers?: { readonly aws?: string | undefined; readonly azure?: string | undefined } | undefined
}

export type SiteDocument = S3Document | AzureDocument | GcsDocument

export function keepsVersions(site: SiteDocument): boolean {
  return site.versioned && !(site.kind === 'gcs' && site.hierarchicalNamespace)
}

interface AnyRuleDocument {
  readonly id: string
  readonly prefix: string
  readonly include?: readonly string[] | undefined
  readonly exclude: readonly string[]
  readonly sloSeconds: number
  readonly windowSeconds?: number | undefined
  readonly storageClass: Readonly<Record<string, string>>
  readonly guards: GuardsDocument
  readonly paused: boolean
  readonly dryRun: boolean
}

export interface GroupDocument extends AnyRuleDocument {
  readonly among: readonly string[]
}

export interface RouteDocument extends AnyRuleDocument {
  readonly from: string
  readonly to: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  readonly size?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined
  readonly rename?: { readonly from: string; readonly to: string } | undefined
  readonly deletes: boolean | 'seen'
  readonly foreign: 'leave' | 'replace'
  readonly intoGroup: boolean
}

export type RuleDocument = GroupDocument | RouteDocument

export function isGroup(rule: RuleDocument): rule is GroupDocument {
  return 'among' in rule
}

export interface StayDocument {
  readonly prefix?: string | undefined
  readonly include?: readonly string[] | undefined
  readonly sites?: readonly string[] | undefined
  readonly regions?: readonly string[] | undefined
}

export interface GuardsDocument {
  readonly maxBytesPerDay?: number | undefined
  readonly deletes?: { readonly perHour: number } | undefined
}
