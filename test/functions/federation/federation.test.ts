import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { names, tokenServices, type TokenServices, trust } from './token-services.ts'

const sites = {
  aws: { kind: 's3', bucket: 'media', control: 'notes', region: 'eu-central-1', role: names.role },
  azure: {
    kind: 'azure-blob',
    account: 'acme',
    container: 'media',
    control: 'notes',
    role: { tenant: names.tenant, client: names.client },
  },
  gcp: { kind: 'gcs', bucket: 'media', control: 'notes', role: names.account, providers: names.providers },
}
type Cloud = keyof typeof sites

const document = {
  sites,
  replicate: [{ id: 'all', among: ['aws', 'azure', 'gcp'] }],
  federation: { azure: names.application },
}

let services: TokenServices
afterEach(() => services.close())

/** What each platform tells the functions that it runs. */
function toldBy(platform: Cloud, port: number): Readonly<Record<string, string>> {
  switch (platform) {
    case 'aws':
      return {
        AWS_REGION: 'us-west-2',
        AWS_ACCESS_KEY_ID: 'LAMBDA',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_SESSION_TOKEN: 'session of LAMBDA',
      }
    case 'azure':
      return { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: 'of this run' }
    case 'gcp':
      return { GCE_METADATA_HOST: `127.0.0.1:${port}`, K_SERVICE: 'isobar' }
  }
}

/** A function of the platform looks for a key at the site. */
async function look(platform: Cloud, site: Cloud, configuration: object = document): Promise<unknown> {
  const { port } = services
  const file = new URL('rerouted.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [file, String(port), platform, site], {
    env: { ISOBAR_CONFIG: JSON.stringify(configuration), HOME: '/nowhere', ...toldBy(platform, port) },
  })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text))
  await once(child, 'close')
  // Google's library warns of configurations from strangers, wherever it is used.
  expect(said.err.replace(/^The `Impersonated` constructor does not validate .*\n/, '')).toBe('')
  return JSON.parse(said.out)
}

function without(site: Cloud, field: string): object {
  const { [field]: _, ...rest } = sites[site] as Readonly<Record<string, unknown>>
  return { ...document, sites: { ...sites, [site]: rest } }
}

describe('a function reaches the store of its own cloud as itself', () => {
  it.each([
    ['aws', ['s3 as LAMBDA']],
    ['azure', ['managed identity https://storage.azure.com', 'blob as azure-managed']],
    ['gcp', ['metadata token', 'gcs as google-metadata']],
  ] as const)('%s: with no key of ours', async (cloud, asked) => {
    services = await tokenServices()
    expect(await look(cloud, cloud, without(cloud, 'role'))).toEqual({ found: null })
    expect(services.asked).toEqual(asked)
  })

  it.each([
    ['aws', ['aws AssumeRole', 's3 as ASSUMED']],
    ['azure', ['managed identity api://AzureADTokenExchange', 'azure token', 'blob as azure-application']],
    ['gcp', ['metadata token', 'google generateAccessToken', 'gcs as google-account of google-metadata']],
  ] as const)('%s: or by the role of the site, where its account is another', async (cloud, asked) => {
    services = await tokenServices()
    expect(await look(cloud, cloud)).toEqual({ found: null })
    expect(services.asked).toEqual(asked)
  })
})

const directions: readonly (readonly [from: Cloud, to: Cloud, asked: readonly string[]])[] = [
  ['aws', 'azure', ['aws GetWebIdentityToken', 'azure token', 'blob as azure-application']],
  ['aws', 'gcp', ['google token', 'google generateAccessToken', 'gcs as google-account of google-pool']],
  ['azure', 'aws', [`managed identity ${names.application}`, 'aws AssumeRoleWithWebIdentity', 's3 as FEDERATED']],
  [
    'azure',
    'gcp',
    [
      `managed identity ${names.application}`,
      'google token',
      'google generateAccessToken',
      'gcs as google-account of google-pool',
    ],
  ],
  ['gcp', 'aws', [`metadata identity ${names.role}`, 'aws AssumeRoleWithWebIdentity', 's3 as FEDERATED']],
  ['gcp', 'azure', ['metadata identity api://AzureADTokenExchange', 'azure token', 'blob as azure-application']],
]

describe('a function reaches the store of another cloud by a token of its own', () => {
  it.each(directions)('%s to %s: made out to whom it is shown to, and exchanged there', async (from, to, asked) => {
    services = await tokenServices()
    expect(await look(from, to)).toEqual({ found: null })
    // Azure's library asks for its assertion twice, the first time.
    expect(services.asked.filter((one, at, all) => one !== all[at - 1])).toEqual(asked)
  })

  it.each(directions)('%s to %s: and is denied where that cloud does not trust it', async (from, to) => {
    services = await tokenServices({ role: [], application: [], providers: {} })
    const found = await look(from, to)
    const reason = { aws: /AccessDenied for a test/, azure: /AADSTS700213/, gcp: /no provider|invalid_grant/ }[to]
    expect(found).toMatchObject({ kind: 'denied', message: expect.stringMatching(reason) })
    expect(services.asked.filter((one) => one.includes(' as '))).toEqual([])
  })

  // Each platform's own way to a token, once; Google's is another for itself.
  it.each<readonly [from: Cloud, to: Cloud]>([
    ['aws', 'azure'],
    ['azure', 'aws'],
    ['gcp', 'aws'],
    ['gcp', 'gcp'],
  ])('%s to %s: and waits as in an outage where nobody gives tokens, as poison never', async (from, to) => {
    services = await tokenServices()
    services.close()
    const { kind } = (await look(from, to)) as { readonly kind: string }
    expect(['denied', 'unreachable']).toContain(kind)
  })

  it.each([
    ['aws', 'google token', 'gcs as google-pool'],
    ['azure', 'google token', 'gcs as google-pool'],
  ] as const)('%s to gcp: as the pool’s own principal where no service account is named', async (from, ...asked) => {
    services = await tokenServices(trust)
    expect(await look(from, 'gcp', without('gcp', 'role'))).toEqual({ found: null })
    expect(services.asked.slice(-2)).toEqual(asked)
  })
})
