import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { configText, configVariable } from '#functions/config.ts'
import { ConfigError } from '#shared/config/issue.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { awsApp } from './app.ts'

const help = `npm run synth

Writes the AWS template of a configuration to cdk.out, without network or Docker.

  ISOBAR_CONFIG   the configuration or the path of its file (default: docs/isobar.config.example.json)
  CDK_OUTDIR      another folder than cdk.out; the cdk command sets it`

const root = fileURLToPath(new URL('../..', import.meta.url))

function asksForHelp(): boolean {
  try {
    return parseArgs({ options: { help: { type: 'boolean', short: 'h' } } }).values.help === true
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`)
    process.exit(2)
  }
}

async function synthesize(): Promise<void> {
  const example = { [configVariable]: `${root}docs/isobar.config.example.json` }
  const config = await configText({ ...example, ...process.env })
  awsApp(config, process.env['CDK_OUTDIR'] ?? `${root}cdk.out`).synth()
}

if (asksForHelp()) console.log(help)
else
  await synthesize().catch((thrown: unknown) => {
    // What a person can mend is said without a stack.
    if (!(thrown instanceof ConfigError || thrown instanceof Failure)) throw thrown
    console.error(thrown.message)
    process.exitCode = 1
  })
