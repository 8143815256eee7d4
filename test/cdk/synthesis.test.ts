import { execFile, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
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

it('the bundle holds nothing of simulation, tests or memory, and nothing of another cloud', () => {
  const { sources } = JSON.parse(readFileSync(bundled('index.mjs.map'), 'utf8')) as { sources: string[] }
  const packages = sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? [])
  const own = sources
    .filter((source) => !source.includes('node_modules/'))
    .map((source) => source.replace(/^(?:\.\.\/)+/, ''))
  const rooms =
    /^(?:shared\/(?:kernel|ports|config|layers|replication)|functions|functions\/aws|functions\/aws\/triggers)\/[^/]+$/
  expect(own).toContain('functions/aws/main.ts')
  expect(own.filter((source) => !rooms.test(source))).toEqual([])
  expect(new Set(packages)).toEqual(new Set(['@middy/core', 'hash-wasm', 'zod']))
})

it('the bundle starts by itself, and refuses the sites whose drivers no function is given yet', () => {
  const start = `await import(${JSON.stringify(pathToFileURL(bundled('index.mjs')))})`
  const env = { ...process.env, ISOBAR_CONFIG: join(root, example) }
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', start], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  expect(stderr).toContain('sites.aws.kind: found "s3", and no function is given its driver yet')
})
