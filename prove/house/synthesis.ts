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

async function synthesize(): Promise<Outcome> {
  const output = join(root, 'cdk.out')
  await rm(output, { recursive: true, force: true })
  const command = ['npm', 'run', '--silent', 'synth']
  // A network namespace of its own has no network at all; only Linux has them.
  const namespace = ['unshare', '--map-root-user', '--net']
  const alone = (await run('unshare', ['--map-root-user', '--net', 'true'])).code === 0
  const [first = '', ...rest] = alone ? [...namespace, ...command] : command
  const result = await run(first, rest, { env: cut })
  if (result.code !== 0) return notHeld(lastWords(result))

  const types = new Map<string, number>()
  for await (const file of glob('**/*.template.json', { cwd: output })) {
    const template = JSON.parse(await readFile(join(output, file), 'utf8')) as {
      Resources?: Record<string, { Type: string }>
    }
    for (const { Type } of Object.values(template.Resources ?? {})) types.set(Type, (types.get(Type) ?? 0) + 1)
  }
  const resources = [...types.values()].reduce((sum, count) => sum + count, 0)
  return {
    figure: `${resources} resources in ${result.seconds.toFixed(1)} s, ${alone ? 'in a namespace without network' : 'behind a dead proxy'}, no Docker`,
    held: resources > 0,
    details: [...types].map(([type, count]) => `${type}: ${count}`).toSorted(),
  }
}

export const synthesis: Promised = {
  line: '`npm run synth` writes the AWS template without network or Docker',
  run: synthesize,
}
