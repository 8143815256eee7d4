import type { RuleId, SiteId } from '#shared/kernel/ids.ts'
import type { KeyFilter } from './key-filter.ts'

/** What `isobar.config.json` says, checked and with every default filled in. It comes from the deployment alone. */
export interface Config {
  readonly sites: ReadonlyMap<SiteId, Site>
  readonly groups: readonly Group[]
  readonly routes: readonly Route[]
  readonly stays: readonly Stay[]
  /** For all rules together, beside each rule's own. */
  readonly guards: Guards
  /** The application of our tenant to which Azure's functions have their tokens made out before they show them to other clouds. */
  readonly federation: { readonly azure: string | null }
  /** The kill switch: nothing is written anywhere. */
  readonly paused: boolean
}

export type Site = S3Site | AzureSite | GcsSite

interface AnySite {
  readonly id: SiteId
  /** What is older than this and equal to a winner is a copy of it; `null` for a site that was there from the start. */
  readonly joinedMs: number | null
  /** Its marks stay believed; nothing is read or written there. */
  readonly retired: boolean
  readonly versioned: boolean
  /** How long the store keeps noncurrent versions: the site's memory of deletions. */
  readonly retentionDays: number
  /** Where Isobar keeps what it must remember: a bucket or container beside the site's own. Only a retired site may have none. */
  readonly control: string | null
  readonly region: string | null
  /** `null`: the cloud's own address. No credentials in it, no slash at its end. */
  readonly endpoint: string | null
}

export interface S3Site extends AnySite {
  readonly kind: 's3'
  readonly bucket: string
  readonly pathStyle: boolean
  /** The role to assume where the bucket belongs to another account. */
  readonly role: string | null
}

export interface AzureSite extends AnySite {
  readonly kind: 'azure-blob'
  readonly account: string
  readonly container: string
  readonly role: AzureRole | null
}

/** The application whose federated credential stands for us in the account's tenant. */
export interface AzureRole {
  readonly tenant: string
  readonly client: string
}

export interface GcsSite extends AnySite {
  readonly kind: 'gcs'
  readonly bucket: string
  /** The service account to act as. */
  readonly role: string | null
  /** By the cloud that a function runs in: the workload identity provider that takes its word. */
  readonly providers: { readonly aws: string | null; readonly azure: string | null }
}

export type Rule = Group | Route

interface AnyRule {
  readonly id: RuleId
  readonly keys: KeyFilter
  /** Sites that left: what their marks say is still believed. */
  readonly retired: readonly SiteId[]
  readonly sloSeconds: number
  /** How far a target may be behind before an event whose version is no longer on top copies what is. */
  readonly windowSeconds: number
  /** The class to write with, where it is not the store's own default. */
  readonly storageClass: ReadonlyMap<SiteId, string>
  readonly guards: Guards
  readonly paused: boolean
  readonly dryRun: boolean
}

/** Equals: users may write at any member. Protocol: settle. */
export interface Group extends AnyRule {
  readonly kind: 'group'
  /** At least two, each with versions on. */
  readonly members: readonly SiteId[]
}

/** One way: each target shows what the source shows now. Protocol: mirror. */
export interface Route extends AnyRule {
  readonly kind: 'route'
  readonly from: SiteId
  readonly to: readonly SiteId[]
  /** An object must carry all of these. */
  readonly tags: ReadonlyMap<string, string>
  readonly size: { readonly min: number; readonly max: number | null }
  /** Every key of the route begins with `from`, so that names can be turned back. */
  readonly rename: Rename | null
  /** `seen`: only by an event that says a user did it. */
  readonly deletes: boolean | 'seen'
  /** What to do with an object at a target that is no copy of the source's. */
  readonly foreign: 'leave' | 'replace'
}

export interface Rename {
  readonly from: string
  readonly to: string
}

/** `null`: no limit. */
export interface Guards {
  readonly maxBytesPerDay: number | null
  readonly deletes: { readonly perHour: number | null }
}

/** These keys may lie only at these sites. Rules that could take one elsewhere were refused at load. */
export interface Stay {
  readonly keys: KeyFilter
  readonly sites: readonly SiteId[]
}
