import { access, constants, mkdir } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { CloudAssembly } from 'aws-cdk-lib/cx-api'
import { configSource, configText, configVariable } from '#functions/config.ts'
import { ConfigError } from '#shared/config/issue.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { awsApp } from './app.ts'

const help = `npm run synth -- [-c NAME=VALUE]...

Writes the AWS templates of a configuration, one for each of its S3 buckets that start a rule, without network or Docker.

  ISOBAR_CONFIG   the path of the configuration, from this repository's root, or the configuration itself, which begins
                  with "{" (default: docs/isobar.config.example.json)
  CDK_OUTDIR      another folder than cdk.out; the cdk command sets it

  -c isobar:existing=true             the buckets are there already: they are only told to tell EventBridge
  -c isobar:replicationAccount=ID     the 12 digits of an account that writes for Isobar alone: what it writes is passed over
                                      where it is news for no other rule

Exit: 0 written, 2 the configuration or the command is refused.`

const root = fileURLToPath(new URL('../..', import.meta.url))

function refuse(why: string): never {
  console.error(why)
  process.exit(2)
}

/** `-c NAME=VALUE` as the cdk command has it. */
function readFlags(): { readonly help: boolean; readonly context: Readonly<Record<string, string>> } {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    context: { type: 'string', short: 'c', multiple: true, default: [] as string[] },
  } as const
  try {
    const { help: asked, context } = parseArgs({ options }).values
    return { help: asked, context: Object.fromEntries(context.map(pairOf)) }
  } catch (error) {
    return refuse(`${(error as Error).message}; npm run synth -- --help says more`)
  }
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new Error(`-c: found ${JSON.stringify(text)}, expected NAME=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}

async function synthesize(context: Readonly<Record<string, string>>): Promise<void> {
  const example = { [configVariable]: `${root}docs/isobar.config.example.json` }
  const environment = { ...example, ...process.env }
  const from = configSource(environment)
  try {
    const text = await configText(environment)
    const written = awsApp(text, await outdir(), context).synth()
    tell(written, from, process.env[configVariable] === undefined)
  } catch (thrown) {
    // What a person can mend is said without a stack.
    if (thrown instanceof ConfigError) refuse(`${from}: ${thrown.message}`)
    if (thrown instanceof Failure && thrown.kind === 'invalid') refuse(thrown.message)
    throw thrown
  }
}

/** Where the templates go, made if need be: CDK itself says what is in its way by a stack. */
async function outdir(): Promise<string> {
  const said = process.env['CDK_OUTDIR'] ?? `${root}cdk.out`
  try {
    await mkdir(said, { recursive: true })
    await access(said, constants.W_OK)
    return said
  } catch (thrown) {
    const found = `CDK_OUTDIR: found ${JSON.stringify(said)}, expected a folder to write to`
    throw new Failure('invalid', `${found} (${(thrown as NodeJS.ErrnoException).code})`, { cause: thrown })
  }
}

/** Beside CDK's own words: what is printed on standard output may be the cdk command's. */
function tell({ directory, stacks }: CloudAssembly, from: string, isExample: boolean): void {
  const names = stacks.map(({ templateFile }) => templateFile).join(', ')
  console.error(`wrote ${names} to ${directory}`)
  const source = isExample ? `the example ${relative(root, from)}, for ${configVariable} is not set` : from
  console.error(`from ${source}`)
}

const flags = readFlags()
if (flags.help) console.log(help)
else await synthesize(flags.context)
