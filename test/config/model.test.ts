import { describe, expect, it } from 'vitest'
import type { Config } from '#shared/config/model.ts'
import { document, group, parsed, route, sites } from './documents.ts'

const read = (): Config =>
  parsed(
    document([group, route], { stay: [{ prefix: 'media/', regions: ['eu-central-1', 'eu-west-1', 'westeurope'] }] }),
  )

describe('what the core is given', () => {
  it('has every default filled in', () => {
    const config = read()
    const [vault] = config.routes
    expect(vault).toMatchObject({
      from: 'aws',
      to: ['archive'],
      deletes: true,
      foreign: 'leave',
      rename: null,
      dryRun: false,
      paused: false,
    })
    expect(vault).toMatchObject({
      sloSeconds: 300,
      windowSeconds: 30,
      size: { min: 0, max: null },
      keys: { prefix: '', include: [], exclude: [] },
    })
    expect(vault?.guards).toEqual({
      maxBytesPerDay: null,
      deletes: { perHour: null },
    })
    expect([vault?.tags.size, vault?.storageClass.size, config.paused]).toEqual([0, 0, false])
    expect(config.federation).toEqual({ azure: null })
  })

  it('knows for each rule the sites that left, for their marks stay believed', () => {
    const config = read()
    expect([...config.groups, ...config.routes].map(({ retired }) => retired)).toEqual([['gone'], ['gone']])
  })

  it('says of a rule what the document says of it', () => {
    const deletes = { perHour: 5 }
    const plain = { windowSeconds: 3, dryRun: true, paused: true, deletes: 'seen', foreign: 'replace' }
    const shaped = { rename: { from: '', to: 'b/' }, size: { min: 1, max: 9 } }
    const guards = { maxBytesPerDay: 7, deletes }
    const maps = { storageClass: { archive: 'GLACIER_IR' }, tags: { state: 'new' } }
    const [full] = parsed(document([{ ...route, ...plain, ...shaped, ...maps, guards }])).routes
    expect(full).toMatchObject({ kind: 'route', ...plain, ...shaped, guards })
    expect([...(full?.storageClass ?? []), ...(full?.tags ?? [])]).toEqual([
      ['archive', 'GLACIER_IR'],
      ['state', 'new'],
    ])
  })

  it('has groups and routes apart, and the guards and the switch of all', () => {
    const config = parsed(document([route, group], { paused: true, guards: { maxBytesPerDay: 3 } }))
    expect(config.groups.map(({ kind, id, members }) => [kind, id, members])).toEqual([
      ['group', 'media', ['aws', 'azure']],
    ])
    expect(config.routes.map(({ kind, id }) => [kind, id])).toEqual([['route', 'vault']])
    expect([config.paused, config.guards.maxBytesPerDay]).toEqual([true, 3])
  })

  it('names for each stay rule the sites where its keys may lie', () => {
    expect(read().stays.map(({ sites }) => sites)).toEqual([['aws', 'azure', 'archive']])
  })

  it('tells a site apart by what its kind has', () => {
    const { sites: known } = parsed(
      document(
        [group],
        {},
        {
          azure: {
            ...sites['azure'],
            joined: '2026-11-03',
            role: { tenant: '7b6d5a9e-1111-4222-8333-444455556666', client: '7b6d5a9e-1111-4222-8333-444455557777' },
          },
          cellar: { ...sites['cellar'], endpoint: 'http://[::1]:9000/' },
          gcp: {
            ...sites['gcp'],
            hierarchicalNamespace: true,
            joined: '2026-11-03T10:00:00+02:00',
            role: 'isobar@acme-prod.iam.gserviceaccount.com',
            providers: { azure: 'projects/1/locations/global/workloadIdentityPools/isobar/providers/functions' },
          },
        },
      ),
    )
    const site = (id: string) => [...known.values()].find((each) => each.id === id)
    expect(site('aws')).toMatchObject({
      kind: 's3',
      pathStyle: false,
      endpoint: null,
      role: null,
      joinedMs: null,
      versioned: true,
      retentionDays: 14,
    })
    expect(site('azure')).toMatchObject({
      kind: 'azure-blob',
      account: 'acmemedia',
      container: 'media',
      joinedMs: Date.UTC(2026, 10, 3),
    })
    expect(site('cellar')).toMatchObject({
      pathStyle: true,
      endpoint: 'http://[::1]:9000',
      region: null,
      versioned: false,
    })
    expect(site('gcp')).toMatchObject({
      versioned: false,
      joinedMs: Date.UTC(2026, 10, 3, 8),
      role: 'isobar@acme-prod.iam.gserviceaccount.com',
      providers: { aws: null, azure: 'projects/1/locations/global/workloadIdentityPools/isobar/providers/functions' },
    })
    expect(site('gone')).toMatchObject({ retired: true, control: null })
  })
})
