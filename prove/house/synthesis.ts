import { glob, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { lastWords, root, run } from '#prove/command.ts'
import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'
import { missingLink, type Resources } from './aws-template.ts'

/** No Docker by any name, and a dead proxy for who would still ask the network where it cannot be taken away. */
const cut = {
  CDK_DOCKER: 'false',
  DOCKER_HOST: 'unix:///nowhere',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NODE_USE_ENV_PROXY: '1',
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

  const templates: Resources[] = []
  for await (const file of glob('**/*.template.json', { cwd: output })) {
    const { Resources = {} } = JSON.parse(await readFile(join(output, file), 'utf8')) as { Resources?: Resources }
    templates.push(Resources)
  }
  if (templates.length === 0) return notHeld('no template was written')
  const missing = templates.map(missingLink).filter((link) => link !== null)
  const resources = templates.flatMap((one) => Object.values(one))
  const types = Map.groupBy(resources, ({ Type }) => Type)
  const comesThrough = missing.length === 0 ? 'a change reaches the function' : missing.join(', ')
  return {
    figure: `${resources.length} resources, ${comesThrough}, in ${result.seconds.toFixed(1)} s, ${alone ? 'in a namespace without network' : 'behind a dead proxy'}, no Docker`,
    held: missing.length === 0,
    details: [...types].map(([type, { length }]) => `${type}: ${length}`).toSorted(),
  }
}

export const synthesis: Promised = {
  line: '`npm run synth` writes the AWS template, bucket to rule to queue to function, without network or Docker',
  run: synthesize,
}
