import { describe, expect, it } from 'vitest'
import { type Environment, identityOf, type Platform, sitesAskedFrom, variablesOf } from '#functions/identity.ts'
import { parseConfig } from '#shared/config/load.ts'
import type { Config } from '#shared/config/model.ts'
import { siteId } from '#shared/kernel/ids.ts'

const provider = 'projects/1/locations/global/workloadIdentityPools/isobar/providers/aws-functions'
const roles = {
  aws: 'arn:aws:iam::123456789012:role/isobar',
  azure: { tenant: '00000000-0000-4000-8000-000000000001', client: '00000000-0000-4000-8000-000000000002' },
  gcp: 'isobar@project-1.iam.gserviceaccount.com',
}

const sites = {
  aws: { kind: 's3', bucket: 'media', control: 'notes', region: 'eu-central-1' },
  azure: { kind: 'azure-blob', account: 'acme', container: 'media', control: 'notes' },
  gcp: { kind: 'gcs', bucket: 'media', control: 'notes' },
  'the-cellar': { kind: 's3', bucket: 'cellar', control: 'cellar-notes', endpoint: 'http://127.0.0.1:9000' },
}

function configOf(changes: Readonly<Record<string, object>> = {}, more: object = {}): Config {
  const changed = Object.entries(sites).map(([id, site]) => [id, { ...site, ...changes[id] }])
  const replicate = [{ id: 'all', among: Object.keys(sites) }]
  return parseConfig(JSON.stringify({ sites: Object.fromEntries(changed), replicate, ...more }))
}

function asked(id: string, platform: Platform, config = configOf(), environment: Environment = {}): unknown {
  return identityOf(config.sites.get(siteId(id))!, platform, environment, config)
}

describe('as whom a site is asked', () => {
  it.each(['aws', 'azure', 'gcp'] as const)('%s: at home as ourselves, or by the role that the site names', (cloud) => {
    expect(asked(cloud, cloud)).toEqual({ as: 'ourselves' })
    expect(asked(cloud, cloud, configOf({ [cloud]: { role: roles[cloud] } }))).toEqual({ as: 'role' })
  })

  it.each([
    ['aws', 'azure', { azure: { role: roles.azure } }],
    ['aws', 'gcp', { gcp: { providers: { aws: provider } } }],
    ['azure', 'aws', { aws: { role: roles.aws } }],
    ['azure', 'gcp', { gcp: { providers: { azure: provider } } }],
    ['gcp', 'aws', { aws: { role: roles.aws } }],
    ['gcp', 'azure', { azure: { role: roles.azure } }],
  ] as const)('from %s to %s: by federation, and what that needs and has not is named', (from, to, changes) => {
    const federation = { azure: 'api://isobar' }
    expect(asked(to, from, configOf(changes, { federation }))).toEqual({ as: 'federated', from })
    const field = to === 'gcp' ? `providers.${from}` : 'role'
    expect(asked(to, from)).toEqual({
      as: 'nobody',
      why: expect.stringMatching(`^sites.${to}.${field}: found nothing, expected .* for functions in ${from}$`),
    })
    if (from !== 'azure') return
    const why = `federation.azure: found nothing, expected the application that ${to} trusts, such as "api://isobar"`
    expect(asked(to, from, configOf(changes))).toEqual({ as: 'nobody', why })
  })

  it.each([null, 'aws', 'azure', 'gcp'] as const)(
    'a store of one’s own, from %s: by variables alone, never by a cloud’s identity',
    (platform) => {
      const names = ['ISOBAR_SITE_THE_CELLAR_ACCESS_KEY_ID', 'ISOBAR_SITE_THE_CELLAR_SECRET_ACCESS_KEY']
      expect(asked('the-cellar', platform)).toEqual({
        as: 'nobody',
        why: `sites.the-cellar: found a store of your own and no credentials, expected ${names.join(', ')} in the environment`,
      })
      const environment = { [names[0]!]: 'id', [names[1]!]: 'secret' }
      const values = ['id', 'secret']
      expect(asked('the-cellar', platform, configOf(), environment)).toEqual({ as: 'variables', values })
    },
  )

  it.each([
    ['gcs', { gcp: { endpoint: 'http://127.0.0.1:9000' } }, 'gcp', 'ISOBAR_SITE_GCP_TOKEN'],
    ['azure-blob', { azure: { endpoint: 'http://127.0.0.1:9000/acme' } }, 'azure', 'ISOBAR_SITE_AZURE_ACCOUNT_KEY'],
  ] as const)('%s at an address of one’s own is not shown the cloud’s token', (_, changes, id, name) => {
    expect(asked(id, id, configOf(changes))).toMatchObject({ as: 'nobody', why: expect.stringContaining(name) })
    expect(asked(id, id, configOf(changes), { [name]: 'x' })).toEqual({ as: 'variables', values: ['x'] })
  })

  it.each(['a\nb', 'é', '\u0000'])(
    'a credential that no header can hold is none, and is named without being shown: %j',
    (bad) => {
      const environment = { ISOBAR_SITE_AWS_ACCESS_KEY_ID: 'id', ISOBAR_SITE_AWS_SECRET_ACCESS_KEY: bad }
      expect(asked('aws', 'aws', configOf(), environment)).toEqual({
        as: 'nobody',
        why: 'ISOBAR_SITE_AWS_SECRET_ACCESS_KEY: found a line break or another letter that no header can hold; copy it again',
      })
    },
  )

  it('half of the credentials is no credentials, and the other half is named', () => {
    const environment = { ISOBAR_SITE_AWS_ACCESS_KEY_ID: 'id', ISOBAR_SITE_AWS_SECRET_ACCESS_KEY: '' }
    expect(asked('aws', 'aws', configOf(), environment)).toEqual({
      as: 'nobody',
      why: 'sites.aws: found half of its credentials, expected ISOBAR_SITE_AWS_SECRET_ACCESS_KEY in the environment as well',
    })
  })

  it('on a machine of one’s own as whoever is logged in there', () => {
    const config = configOf({ aws: { role: roles.aws }, azure: { role: roles.azure } })
    expect(['aws', 'azure', 'gcp'].map((id) => asked(id, null, config))).toEqual([
      { as: 'role' },
      { as: 'ourselves' },
      { as: 'ourselves' },
    ])
  })

  it('no two sites share a variable', () => {
    const ids = ['a-b', 'a', 'ab', 'a--b', 'a-b-account', 'a-account']
    const names = ids.flatMap((id) => variablesOf({ id: siteId(id), kind: 'azure-blob' }))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('which sites functions of a cloud ask', () => {
  const replicate = [
    { id: 'one', from: 'aws', to: ['gcp'] },
    { id: 'two', from: 'azure', to: ['the-cellar'], prefix: 'x/' },
  ]
  const ids = (platform: Platform, rules: readonly object[]) =>
    sitesAskedFrom(configOf({}, { replicate: rules }), platform).map(({ id }) => id)

  it('those of the rules that their events start, and no other', () => {
    expect(ids('aws', replicate)).toEqual(['aws', 'gcp'])
    expect(ids('azure', replicate)).toEqual(['azure', 'the-cellar'])
    expect(ids('gcp', replicate)).toEqual([])
    expect(ids(null, replicate)).toEqual(['aws', 'azure', 'gcp', 'the-cellar'])
  })

  it('those of a group from each of its members', () => {
    const group = [{ id: 'all', among: ['aws', 'gcp'] }]
    expect(ids('gcp', group)).toEqual(['aws', 'gcp'])
    expect(ids('azure', group)).toEqual([])
  })

  it('those of a rule that begins at a store of one’s own from every cloud: nobody knows where its events are heard', () => {
    expect(ids('gcp', [{ id: 'up', from: 'the-cellar', to: ['azure'] }])).toEqual(['azure', 'the-cellar'])
  })
})
