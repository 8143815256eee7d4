import { execFile, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Within the repository, as `cdk.out` is: from elsewhere the way to the sources would lead through this machine.
mkdirSync(join(root, '.cache'), { recursive: true })
const folder = mkdtempSync(join(root, '.cache', 'synthesis-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Files = ReadonlyMap<string, string>

/** What the command said last, by the folder it wrote to. */
const said = new Map<string, readonly string[]>()

/** As `npm run synth` does it, with no Docker to be found and the network behind a dead proxy. */
async function synthesize(name: string, configuration: Readonly<Record<string, string>> = {}): Promise<Files> {
  const out = join(folder, name)
  const proxy = 'http://127.0.0.1:9'
  const cut = { CDK_DOCKER: 'false', HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NODE_USE_ENV_PROXY: '1' }
  const { ISOBAR_CONFIG: _, ...others } = process.env
  const env = { ...others, ...cut, ...configuration, CDK_OUTDIR: out }
  const { stderr } = await promisify(execFile)(process.execPath, ['cdk/aws/main.ts'], { cwd: root, env })
  said.set(name, stderr.trim().split('\n').slice(-2))
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(out, name)).isFile(),
  )
  return new Map(
    names.toSorted((a, b) => a.localeCompare(b)).map((name) => [name, readFileSync(join(out, name), 'utf8')]),
  )
}

const example = 'docs/isobar.config.example.json'
let once: Files
let twice: Files
beforeAll(async () => {
  ;[once, twice] = await Promise.all([synthesize('a'), synthesize('b', { ISOBAR_CONFIG: example })])
}, 120_000)

const bundled = (name: string) => join(folder, globSync(`a/asset.*/${name}`, { cwd: folder })[0]!)

it('twice the same is synthesized from the same', () => {
  expect([...twice.keys()]).toEqual([...once.keys()])
  const different = [...once].filter(([name, text]) => twice.get(name) !== text).map(([name]) => name)
  expect(different).toEqual([])
})

it('what was written is said, where, and from which configuration', () => {
  expect(said.get('a')).toEqual([
    `wrote isobar-aws.template.json to ${join(folder, 'a')}`,
    `from the example ${example}, for ISOBAR_CONFIG is not set`,
  ])
  expect(said.get('b')).toEqual([`wrote isobar-aws.template.json to ${join(folder, 'b')}`, `from ${example}`])
})

it('what is synthesized names no place of this machine', () => {
  const telling = [...once].filter(([, text]) => text.includes(root)).map(([name]) => name)
  expect(telling).toEqual([])
})

/** The bundle's files, each with the sources that its map names. */
function bundle(): ReadonlyMap<string, { readonly own: readonly string[]; readonly packages: readonly string[] }> {
  const names = globSync('a/asset.*/*.mjs', { cwd: folder })
  return new Map(
    names.map((name) => {
      const { sources } = JSON.parse(readFileSync(join(folder, `${name}.map`), 'utf8')) as { sources: string[] }
      const inside = sources.filter((source) => !source.includes('node_modules/'))
      return [
        basename(name),
        {
          own: inside.map((source) => source.replace(/^(?:\.\.\/)+/, '')),
          packages: sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []),
        },
      ]
    }),
  )
}

/** The file that a cold start reads, and what that imports before anything runs. */
function readAtStart(): readonly string[] {
  const read = new Set(['index.mjs'])
  for (const name of read) {
    for (const [, other = ''] of readFileSync(bundled(name), 'utf8').matchAll(/\b(?:from|import)"\.\/([^"]+)"/g)) {
      read.add(other)
    }
  }
  return [...read]
}

it('the bundle holds nothing of simulation, tests or memory', () => {
  const rooms =
    /^(?:shared\/(?:kernel|ports|config|conformance|layers|reconcile|replication)|functions(?:\/\w+){0,2})\/[^/]+$/
  const own = [...bundle().values()].flatMap((file) => file.own)
  expect(own).toContain('functions/aws/main.ts')
  expect(own.filter((source) => !rooms.test(source))).toEqual([])
})

it('a cold start reads no SDK, no driver and nothing of another cloud but what its stores are like', () => {
  const files = readAtStart().map((name) => bundle().get(name)!)
  const packages = new Set(files.flatMap((file) => file.packages))
  expect(packages).toEqual(new Set(['@middy/core', 'hash-wasm', 'zod']))
  const rooms =
    /^(?:shared\/.*|functions\/[^/]+|functions\/aws\/(?:triggers\/|forms\/)?[^/]+|functions\/\w+\/drivers\/traits\.ts)$/
  expect(files.flatMap(({ own }) => own).filter((source) => !rooms.test(source))).toEqual([])
  const bytes = readAtStart().reduce((sum, name) => sum + statSync(bundled(name)).size, 0)
  expect(bytes).toBeLessThan(300_000)
})

it('each of its other pieces, SDKs included, is there when it is asked for', () => {
  const pieces = [...bundle()].filter(([, { own }]) => own.some((source) => source.includes('/drivers/')))
  const packages = new Set([...bundle().values()].flatMap((file) => file.packages))
  const sdks = [
    '@aws-sdk/client-s3',
    '@azure/storage-blob',
    '@azure/identity',
    '@google-cloud/storage',
    'google-auth-library',
  ]
  expect(sdks.filter((name) => !packages.has(name))).toEqual([])
  const imports = pieces.map(([name]) => `await import(${JSON.stringify(pathToFileURL(bundled(name)))})`)
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', imports.join('\n')], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect([stderr, status]).toEqual(['', 0])
})

it('the bundle starts by itself, and refuses the sites for which it has no identity', () => {
  const start = `await import(${JSON.stringify(pathToFileURL(bundled('index.mjs')))})`
  const env = { ...process.env, ISOBAR_CONFIG: join(root, example) }
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', start], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  expect(stderr).toContain('sites.azure.role: found nothing, expected the "tenant" and the "client" of an application')
})
