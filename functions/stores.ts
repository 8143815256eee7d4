import type { TokenFor } from '#aws/drivers/identity.ts'
import { s3Traits } from '#aws/drivers/traits.ts'
import type { AzureCredential } from '#azure/drivers/client.ts'
import { azureTraits } from '#azure/drivers/traits.ts'
import {
  type Environment,
  type Identity,
  identityOf,
  type Platform,
  providerOf,
  sitesAskedFrom,
} from '#functions/identity.ts'
import { systemClock as clock, systemRandom as random } from '#functions/runtime.ts'
import type { GoogleIdentity } from '#gcp/drivers/identity.ts'
import { gcsTraits } from '#gcp/drivers/traits.ts'
import type { AzureSite, Config, GcsSite, S3Site, Site } from '#shared/config/model.ts'
import type { Cloud } from '#shared/config/place.ts'
import { Proof } from '#shared/conformance/proof.ts'
import { proven } from '#shared/conformance/proven.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { deferred } from '#shared/layers/deferred.ts'
import type { ObjectStore, Traits } from '#shared/ports/object-store.ts'
import type { Core } from '#shared/replication/core.ts'

/** The buckets of a configuration: each site's own, and the one beside it where Isobar keeps what it must remember. */
type Stores = Pick<Core, 'store' | 'control'>

/** Where the code runs, and what was said to it there. */
export interface Surroundings {
  readonly platform: Platform
  readonly environment: Environment
}

/** A site's two buckets by its driver, with nothing around them. */
export interface Opened {
  readonly store: ObjectStore
  readonly control: ObjectStore
  /** Throws where the store is one that no site can be. */
  fit(signal: AbortSignal): Promise<void>
}

/**
 * The buckets that functions of a platform ask, each by its real driver, and none written to before it has proved what it enforces. A site for
 * which there is no identity keeps the function from starting: all of them are named.
 */
export async function storesFor(config: Config, surroundings: Surroundings): Promise<Stores> {
  const sites = sitesAskedFrom(config, surroundings.platform)
  const refusals = sites.flatMap((site) => {
    const identity = identityOf(site, surroundings.platform, surroundings.environment, config)
    return identity.as === 'nobody' ? [identity.why] : []
  })
  if (refusals.length > 0) throw new Failure('invalid', refusals.join('; '))
  const tools = { hashing: await loadHashing(), clock, random }
  const made = new Map<SiteId, Omit<Opened, 'fit'>>()
  const opened = (id: SiteId) => {
    const there = made.get(id)
    if (there !== undefined) return there
    const site = config.sites.get(id)
    if (site === undefined || site.retired) throw new Failure('invalid', `${id}: found no such site in use`)
    const { store, control } = openSite(site, config, surroundings)
    const first = new Proof({
      store: control,
      about: aboutOf(site, 'control'),
      notes: { store: control, name: 'control' },
      tools,
    })
    const proof = new Proof({
      store,
      about: aboutOf(site, 'bucket'),
      notes: { store: control, name: 'bucket' },
      first,
      tools,
    })
    const both = { store: proven(store, proof), control: proven(control, first) }
    made.set(id, both)
    return both
  }
  return { store: (id) => opened(id).store, control: (id) => opened(id).control }
}

/** For whoever asks a store what it is like; a function goes by `storesFor`. Its SDK is loaded at the first request. */
export function openSite(site: Site, config: Config, surroundings: Surroundings): Opened {
  let opening: Promise<Opened> | null = null
  const open = (): Promise<Opened> => {
    opening ??= drivers(site, config, surroundings).catch((thrown: unknown) => {
      opening = null // An outage of whoever says who we are ends.
      throw thrown
    })
    return opening
  }
  const { own, aside } = traitsFor(site)
  return {
    store: deferred(site.id, own, async () => (await open()).store),
    control: deferred(site.id, aside, async () => (await open()).control),
    fit: async (signal) => (await open()).fit(signal),
  }
}

/** Says which bucket was proved and as what: another place, or another way of keeping versions, wants a proof of its own. */
function aboutOf(site: Site, which: 'bucket' | 'control'): string {
  const { kind, endpoint, control, versioned } = site
  const own = kind === 'azure-blob' ? site.container : site.bucket
  const account = kind === 'azure-blob' ? site.account : ''
  return JSON.stringify([kind, endpoint, account, ...(which === 'bucket' ? [own, versioned] : [control])])
}

/** Whether a control bucket keeps versions is not asked for: what lies there is read as it is now. */
function traitsFor({ kind, versioned }: Site): { readonly own: Traits; readonly aside: Traits } {
  const traits = kind === 's3' ? s3Traits : kind === 'gcs' ? gcsTraits : azureTraits
  return { own: traits(versioned), aside: traits(false) }
}

async function drivers(site: Site, config: Config, surroundings: Surroundings): Promise<Opened> {
  const identity = identityOf(site, surroundings.platform, surroundings.environment, config)
  if (identity.as === 'nobody') throw new Failure('denied', identity.why, { site: site.id })
  const known: Known = { config, ...surroundings }
  switch (site.kind) {
    case 's3':
      return s3Drivers(site, identity, known)
    case 'azure-blob':
      return azureDrivers(site, identity, known)
    case 'gcs':
      return gcsDrivers(site, identity, known)
  }
}

type Somebody = Exclude<Identity, { readonly as: 'nobody' }>

interface Known extends Surroundings {
  readonly config: Config
}

async function s3Drivers(site: S3Site, identity: Somebody, known: Known): Promise<Opened> {
  const [{ s3Client }, { s3Store }, { assumedRole, federatedRole }] = await Promise.all([
    import('#aws/drivers/client.ts'),
    import('#aws/drivers/object-store.ts'),
    import('#aws/drivers/identity.ts'),
  ])
  const { id, bucket, role, endpoint, pathStyle } = site
  // A store of one's own that names no region takes any.
  const region = site.region ?? 'us-east-1'
  const credentials = async () => {
    if (identity.as === 'variables') {
      const [accessKeyId = '', secretAccessKey = ''] = identity.values
      return { accessKeyId, secretAccessKey }
    }
    if (role === null || identity.as === 'ourselves') return undefined
    if (identity.as === 'role') return assumedRole(role, { region })
    // Google makes its tokens out to whatever name is asked for: one that is good for this role alone.
    const audience = identity.from === 'azure' ? (known.config.federation.azure ?? '') : role
    return federatedRole(role, audience, await tokenFrom(identity.from, known), { region })
  }
  const client = s3Client({
    region,
    pathStyle,
    ...(endpoint === null ? {} : { endpoint }),
    ...defined('credentials', await credentials()),
  })
  const aside = site.control ?? bucket
  const common = { client, site: id, control: { bucket: aside }, clock }
  return {
    store: s3Store({ ...common, bucket, versioned: site.versioned }),
    control: s3Store({ ...common, bucket: aside, versioned: false }),
    fit: async () => undefined,
  }
}

async function azureDrivers(site: AzureSite, identity: Somebody, known: Known): Promise<Opened> {
  const [{ azureContainer }, { azureStore }, { refuseHierarchical }, hashing] = await Promise.all([
    import('#azure/drivers/client.ts'),
    import('#azure/drivers/object-store.ts'),
    import('#azure/drivers/account.ts'),
    loadHashing(),
  ])
  const { id, account, endpoint } = site
  const credential = await azureCredential(site, identity, known)
  const containerOf = (container: string) => azureContainer({ account, endpoint, credential, container })
  const common = { site: id, hashing, clock }
  const own = containerOf(site.container)
  const aside = containerOf(site.control ?? site.container)
  return {
    store: azureStore({ ...common, container: own, versioned: site.versioned }),
    control: azureStore({ ...common, container: aside, versioned: false }),
    fit: (signal) => refuseHierarchical({ ...common, container: own }, signal),
  }
}

async function azureCredential(site: AzureSite, identity: Somebody, known: Known): Promise<AzureCredential> {
  if (identity.as === 'variables') {
    const { accountKey } = await import('#azure/drivers/client.ts')
    return accountKey(site.account, identity.values[0] ?? '')
  }
  const { federatedApplication, loggedIn, managedIdentity } = await import('#azure/drivers/identity.ts')
  if (identity.as === 'federated' && site.role !== null) {
    return federatedApplication(site.role, await tokenFrom(identity.from, known))
  }
  if (identity.as === 'role' && site.role !== null)
    return federatedApplication(site.role, await tokenFrom('azure', known))
  const { AZURE_CLIENT_ID: chosen } = known.environment
  return known.platform === null ? loggedIn(site.role?.tenant) : managedIdentity(chosen)
}

async function gcsDrivers(site: GcsSite, identity: Somebody, known: Known): Promise<Opened> {
  const [{ gcsClient }, { gcsStore }, hashing] = await Promise.all([
    import('#gcp/drivers/client.ts'),
    import('#gcp/drivers/object-store.ts'),
    loadHashing(),
  ])
  const { id, bucket, endpoint } = site
  const storage = gcsClient({
    ...defined('endpoint', endpoint ?? undefined),
    ...(identity.as === 'variables'
      ? defined('token', identity.values[0])
      : { authClient: await googleIdentity(site, identity, known) }),
  })
  const aside = site.control ?? bucket
  const common = { storage, site: id, control: { bucket: aside }, hashing, clock }
  return {
    store: gcsStore({ ...common, bucket, versioned: site.versioned }),
    control: gcsStore({ ...common, bucket: aside, versioned: false }),
    fit: async () => undefined,
  }
}

async function googleIdentity(site: GcsSite, identity: Somebody, known: Known): Promise<GoogleIdentity> {
  const { federatedByToken, federatedFromAws, impersonated, ourselves } = await import('#gcp/drivers/identity.ts')
  const { role } = site
  if (identity.as === 'role' && role !== null) {
    return impersonated(role).catch((cause: Error) => {
      throw new Failure('denied', `${site.id}: no identity to take the role with: ${cause.message}`, {
        site: site.id,
        cause,
      })
    })
  }
  if (identity.as !== 'federated') return ourselves()
  const options = { provider: providerOf(site, identity.from) ?? '', account: role }
  if (identity.from === 'azure') {
    return federatedByToken(options, known.config.federation.azure ?? '', await tokenFrom('azure', known))
  }
  const { awsSigner } = await import('#aws/drivers/identity.ts')
  return federatedFromAws(options, awsSigner(homeOf(known)))
}

/** Who we are where the code runs, for others to read. */
async function tokenFrom(cloud: Cloud, known: Known): Promise<TokenFor> {
  switch (cloud) {
    case 'aws':
      return (await import('#aws/drivers/identity.ts')).awsToken(homeOf(known))
    case 'azure':
      return (await import('#azure/drivers/identity.ts')).azureToken(known.environment['AZURE_CLIENT_ID'])
    case 'gcp':
      return (await import('#gcp/drivers/identity.ts')).googleToken()
  }
}

/** Of the function: every runtime of AWS says it. */
function homeOf({ environment }: Known): { readonly region: string } {
  return { region: environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? 'us-east-1' }
}

function defined<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>)
}
