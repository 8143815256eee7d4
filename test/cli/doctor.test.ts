import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { never } from '#test/contract/subject.ts'
import { deafProxy } from '#test/local/deaf-proxy.ts'
import { type Kind, kinds } from '#test/local/doors.ts'
import { type Clouds, startClouds } from '#test/wires/clouds.ts'
import { grouped, isobar, sitesAt, variables } from './isobar.ts'

let clouds: Clouds
beforeAll(async () => {
  clouds = await startClouds()
  for (const kind of kinds) await clouds.store(kind, 'media', siteId(kind))
})
afterAll(() => clouds.close())

interface Said {
  readonly well: boolean
  readonly sites: readonly {
    readonly site: string
    readonly well: boolean
    readonly findings: readonly {
      readonly promise: string
      readonly held: boolean
      readonly found: string
      readonly remedy: string | null
    }[]
  }[]
}

async function doctor(config: string, ...args: readonly string[]) {
  const ended = await isobar(['doctor', '--output', 'json', '--config', config, ...args], { environment: variables })
  return { ...ended, said: JSON.parse(ended.stdout || 'null') as Said }
}

const secrets = ['ISOBAR_SITE_S3_SECRET_ACCESS_KEY', 'ISOBAR_SITE_AZURE_ACCOUNT_KEY', 'ISOBAR_SITE_GCS_TOKEN']

function changed(value: string): Readonly<Record<string, string>> {
  return Object.fromEntries(secrets.map((name) => [name, value]))
}

/** What does not hold, site by site. */
function broken({ sites }: Said): readonly string[] {
  return sites.flatMap(({ site, findings }) =>
    findings.filter(({ held }) => !held).map(({ promise }) => `${site}: ${promise}`),
  )
}

it('three sound clouds are found sound: everything is named, and the command ends with 0', async () => {
  const { code, stdout, stderr } = await isobar(['doctor', '--config', grouped(sitesAt(clouds.url))], {
    environment: variables,
  })
  expect([stdout.match(/ NO /g), code]).toEqual([null, 0])
  for (const site of kinds) {
    const lines = stdout.split('\n').filter((line) => line.startsWith(`${site} `))
    expect(lines).toHaveLength(21)
    for (const what of [
      'the bucket answers',
      'the control bucket is another',
      'clock',
      'create-only',
      'unchanged-since',
      'conditional delete',
      'versions: what is overwritten',
    ]) {
      expect(
        lines.filter((line) => line.includes(what)),
        what,
      ).not.toEqual([])
    }
    expect(stderr).toContain(`${site}: all is well\n`)
  }
})

it('as JSON it says the same, and what goes to standard output is nothing else', async () => {
  const { code, said } = await doctor(grouped(sitesAt(clouds.url)), '--site', 'gcs', '--site', 's3')
  expect(code).toBe(0)
  expect(said).toMatchObject({
    well: true,
    sites: [
      { site: 's3', kind: 's3', well: true },
      { site: 'gcs', well: true },
    ],
  })
})

it('leaves nothing to be seen in a bucket', async () => {
  await doctor(grouped(sitesAt(clouds.url)))
  for (const kind of kinds) {
    const store = await clouds.store(kind, 'media', siteId(kind))
    const page = await store.list({ prefix: '', after: '', cursor: null, max: 10 }, new AbortController().signal)
    expect(
      page.objects.map(({ key }) => key),
      kind,
    ).toEqual([])
  }
})

const createOnly = ['create-only: a write to where something is, is refused']
const unchangedSince = [
  'unchanged-since: a write over another version than the one named is refused',
  'conditional delete: a deletion of another version than the one named is refused',
  'what was refused changed nothing',
]

describe('a store that does not get to hear a condition is found out, and the command ends with 1', () => {
  it.each<[string, Partial<Record<Kind, readonly [swallowed: RegExp, broken: readonly string[]]>>]>([
    ['If-None-Match', { s3: [/^if-none-match$/, createOnly], azure: [/^if-none-match$/, createOnly] }],
    ['If-Match', { s3: [/^if-match$/, unchangedSince], azure: [/^if-match$/, unchangedSince] }],
    ['ifGenerationMatch', { gcs: [/^ifGenerationMatch$/, [...createOnly, ...unchangedSince]] }],
  ])('%s is swallowed on the way', async (_, deaf) => {
    const proxies = await Promise.all(
      kinds.flatMap((kind) => {
        const [swallowed] = deaf[kind] ?? []
        if (swallowed === undefined) return []
        const port = Number(new URL(clouds.url[kind]).port)
        return [deafProxy(kind, port, swallowed).then((proxy) => [kind, proxy] as const)]
      }),
    )
    const url = { ...clouds.url, ...Object.fromEntries(proxies.map(([kind, proxy]) => [kind, proxy.url])) }
    const { code, said } = await doctor(grouped(sitesAt(url)))
    for (const [, proxy] of proxies) proxy.close()
    expect(code).toBe(1)
    const found = broken(said)
    for (const kind of kinds) {
      const [, promises = []] = deaf[kind] ?? []
      for (const promise of promises) expect(found).toContain(`${kind}: ${promise}`)
      for (const promise of promises) expect(found).toContain(`${kind}: control bucket, ${promise}`)
      if (promises.length === 0) expect(found.filter((one) => one.startsWith(kind))).toEqual([])
    }
    const remedies = said.sites.flatMap(({ findings }) => findings.flatMap(({ remedy }) => remedy ?? []))
    expect(new Set(remedies)).toEqual(
      new Set(['Use a store that enforces conditions and checksums, with nothing before it that drops their headers']),
    )
  })
})

describe('what is not as the configuration says is named, and the command ends with 1', () => {
  it('a bucket that keeps no versions', async () => {
    const sites = sitesAt(clouds.url)
    const plain = await fetch(`${clouds.url.gcs}/storage/v1/b?project=isobar`, {
      method: 'POST',
      headers: { authorization: `Bearer ${variables.ISOBAR_SITE_GCS_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'plain' }),
    })
    expect(plain.ok).toBe(true)
    const { code, said } = await doctor(grouped({ ...sites, gcs: { ...sites.gcs, bucket: 'plain' } }), '--site', 'gcs')
    expect([code, broken(said)]).toEqual([
      1,
      ['gcs: versions: what is overwritten is kept', 'gcs: versions: what is deleted is kept'],
    ])
    expect(said.sites[0]?.findings.find(({ held }) => !held)?.remedy).toMatch(/^Turn on versioning/)
  })

  it('a bucket, or a control bucket, that is not there', async () => {
    const { s3, azure, gcs } = sitesAt(clouds.url)
    const [bucket, container, control] = ['nowhere', 'nowhere', 'nowhere-either']
    const own = { s3: { ...s3, bucket }, azure: { ...azure, container }, gcs: { ...gcs, bucket } }
    const beside = { s3: { ...s3, control }, azure: { ...azure, control }, gcs: { ...gcs, control } }
    const ends = [await doctor(grouped(own)), await doctor(grouped(beside))]
    expect(ends.map(({ code, said }) => [code, broken(said)])).toEqual([
      [1, kinds.map((kind) => `${kind}: the bucket answers this identity`)],
      [1, kinds.map((kind) => `${kind}: the control bucket answers this identity`)],
    ])
  })

  it('an identity that is refused, or missing', async () => {
    const args = ['doctor', '--config', grouped(sitesAt(clouds.url))]
    const wrong = await isobar(args, { environment: { ...variables, ...changed('d3Jvbmc=') } })
    expect(wrong.code).toBe(1)
    for (const kind of kinds) {
      expect(wrong.stdout).toMatch(new RegExp(`^${kind} +NO +the bucket answers this identity: .*40[13]`, 'm'))
    }
    const none = await isobar(args, { environment: { ...variables, ...changed('') } })
    expect(none.code).toBe(1)
    for (const name of secrets) expect(none.stdout).toContain(`${name} in the environment`)
    expect(wrong.stderr + none.stderr).not.toContain('    at ')
  })

  it('a site that nobody answers for', async () => {
    const config = grouped(sitesAt({ ...clouds.url, s3: 'http://127.0.0.1:1' }))
    const { code, said, stderr } = await doctor(config, '--site', 's3')
    expect([code, broken(said)]).toEqual([
      1,
      ['s3: the bucket answers this identity', 's3: the control bucket answers this identity'],
    ])
    expect(stderr).not.toContain('    at ')
  })

  it('functions that have no identity for it', async () => {
    const { s3 } = sitesAt(clouds.url)
    const azure = { kind: 'azure-blob', account: 'acme', container: 'media', control: 'notes' }
    const gcs = { kind: 'gcs', bucket: 'media', control: 'notes' }
    const args = ['doctor', '--config', grouped({ s3, azure, gcs }), '--site', 'azure', '--output', 'json']
    // Nothing of this leaves the machine: who would ask Azure is given a proxy that is not there.
    const { code, stdout } = await isobar(args, { environment: { HTTPS_PROXY: 'http://127.0.0.1:1' } })
    expect(code).toBe(1)
    const { findings } = (JSON.parse(stdout) as Said).sites[0]!
    expect(findings).toContainEqual({
      promise: 'functions in gcp have an identity to ask it with',
      held: false,
      found: expect.stringMatching(/^sites.azure.role: found nothing, expected .* for functions in gcp$/),
      remedy: null,
    })
    expect(findings).toContainEqual({
      promise: 'functions in azure have an identity to ask it with',
      held: true,
      found: '',
      remedy: null,
    })
  })
})

it('Ctrl-C ends it soon with 130, and nothing is called a result', async () => {
  const silent = createServer(() => undefined)
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const { s3, azure } = sitesAt({ s3: url, azure: url, gcs: url })
  const began = performance.now()
  const { code, stdout, stderr } = await isobar(['doctor', '--config', grouped({ s3, azure })], {
    environment: variables,
    heard: (said, kill) => {
      if (said.includes('azure: asking')) setTimeout(() => kill('SIGINT'), 100)
    },
  })
  silent.closeAllConnections()
  silent.close()
  expect([code, stdout]).toEqual([130, ''])
  expect(stderr).toMatch(/interrupted\n$/)
  expect(performance.now() - began).toBeLessThan(8_000)
})

it.each([0, 150, 400])('Ctrl-C %i ms into its questions leaves nothing that shows, in any bucket', async (ms) => {
  let killed = false
  const { code, stdout } = await isobar(['doctor', '--config', grouped(sitesAt(clouds.url))], {
    environment: variables,
    heard: (said, kill) => {
      if (killed || !said.includes('gcs: asking')) return
      killed = true
      setTimeout(() => kill('SIGINT'), ms)
    },
  })
  expect([code, stdout]).toEqual([130, ''])
  const left = await Promise.all(
    kinds.flatMap((kind) =>
      ['media', 'control'].map(async (bucket) => {
        const store = await clouds.store(kind, bucket, siteId(kind))
        const page = await store.list({ prefix: '.isobar/', after: '', cursor: null, max: 100 }, never)
        return page.objects.map(({ key }) => `${kind} ${bucket}: ${key}`)
      }),
    ),
  )
  expect(left.flat()).toEqual([])
})

it('a token that no header can hold is named by its variable, and never shown', async () => {
  const { code, said, stdout, stderr } = await doctor(grouped(sitesAt(clouds.url)), '--site', 'gcs')
  expect([code, said.well]).toEqual([0, true])
  const secret = 'ya29.SECRET'
  const broken = { ...variables, ISOBAR_SITE_GCS_TOKEN: `${secret}\n${secret}` }
  const ended = await isobar(['doctor', '--config', grouped(sitesAt(clouds.url)), '--site', 'gcs'], {
    environment: broken,
  })
  expect(ended.code).toBe(1)
  expect(ended.stdout).toContain('ISOBAR_SITE_GCS_TOKEN: found a line break')
  expect(stdout + stderr + ended.stdout + ended.stderr).not.toContain(secret)
})

it('a result that could not be written is no result', async () => {
  const { code, stderr } = await isobar(['doctor', '--config', grouped(sitesAt(clouds.url)), '--site', 'gcs'], {
    environment: variables,
    into: '/dev/full',
  })
  expect(code).toBe(1)
  expect(stderr).toContain('standard output: ')
})
