import { glob, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { lastWords, root, run } from '#prove/command.ts'
import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'

/** No Docker by any name, and a dead proxy for who would still ask the network where it cannot be taken away. */
const cut = {
  CDK_DOCKER: 'false',
  DOCKER_HOST: 'unix:///nowhere',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NODE_USE_ENV_PROXY: '1',
}

/** What the smallest stack is made of. Dead letters are a queue that another one redrives to. */
const promised = {
  bucket: ({ Type }) => Type === 'AWS::S3::Bucket',
  'EventBridge rule': ({ Type }) => Type === 'AWS::Events::Rule',
  queue: ({ Type }) => Type === 'AWS::SQS::Queue',
  'dead letters': ({ Type, Properties }) =>
    Type === 'AWS::SQS::Queue' && JSON.stringify(Properties ?? {}).includes('"deadLetterTargetArn"'),
  function: ({ Type }) => Type === 'AWS::Lambda::Function',
  'queue to function': ({ Type }) => Type === 'AWS::Lambda::EventSourceMapping',
} satisfies Readonly<Record<string, (resource: Resource) => boolean>>

interface Resource {
  readonly Type: string
  readonly Properties?: unknown
}

export function missingOf(resources: readonly Resource[]): readonly string[] {
  return Object.entries(promised).flatMap(([name, is]) => (resources.some(is) ? [] : [name]))
}

async function synthesize(): Promise<Outcome> {
  const output = join(root, '.cache/prove/synthesis') // Not elsewhere: from there the way to the sources would lead through this machine.
  await rm(output, { recursive: true, force: true })
  const command = ['npm', 'run', '--silent', 'synth']
  // A network namespace of its own has no network at all; only Linux has them.
  const namespace = ['unshare', '--map-root-user', '--net']
  const alone = (await run('unshare', ['--map-root-user', '--net', 'true'])).code === 0
  const [first = '', ...rest] = alone ? [...namespace, ...command] : command
  const result = await run(first, rest, { env: { ...cut, CDK_OUTDIR: output } })
  if (result.code !== 0) return notHeld(lastWords(result))

  const resources: Resource[] = []
  for await (const file of glob('**/*.template.json', { cwd: output })) {
    const template = JSON.parse(await readFile(join(output, file), 'utf8')) as {
      readonly Resources?: Readonly<Record<string, Resource>>
    }
    resources.push(...Object.values(template.Resources ?? {}))
  }
  const missing = missingOf(resources)
  const types = Map.groupBy(resources, ({ Type }) => Type)
  return {
    figure: `${resources.length} resources, ${missing.length === 0 ? 'each promised kind among them' : `without ${missing.join(', ')}`}, in ${result.seconds.toFixed(1)} s, ${alone ? 'in a namespace without network' : 'behind a dead proxy'}, no Docker`,
    held: missing.length === 0,
    details: [...types].map(([type, { length }]) => `${type}: ${length}`).toSorted(),
  }
}

export const synthesis: Promised = {
  line: '`npm run synth` writes the AWS template without network or Docker',
  run: synthesize,
}
