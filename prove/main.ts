import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endWithUs, root } from './command.ts'
import type { Capability, Outcome, Promised } from './promise.ts'
import { removeScratch, scratch } from './scratch.ts'

const capabilities: Readonly<Record<string, () => Promise<Capability>>> = {
  house: async () => (await import('./house.ts')).house,
  wires: async () => (await import('./wires.ts')).wires,
}

const help = `Runs what was promised of a capability and prints what holds.

  npm run prove -- NAME [--only N]... [--json FILE]

  NAME         ${Object.keys(capabilities).join(', ')}
  --list       print the promises with their numbers and run none
  --only N     run only promise N; may be given more than once
  --json FILE  where to write the result (default: .cache/prove/NAME.json)

Promises of \`wires\` about servers and programs by others do not hold until variables say where those are: CONTRIBUTING.md lists them.
Several servers of one cloud go into one variable: ISOBAR_CONTRACT_S3="minio=http://127.0.0.1:9000 moto=http://127.0.0.1:9001".
Each promise is a command that runs now; its figure is read from what it prints. Progress goes to stderr.
Exit: 0 everything held, 1 something did not, 2 the command was not understood, 130 it was ended by Ctrl-C: what had not finished is not judged.`

interface Row extends Outcome {
  readonly number: number
  readonly line: string
  readonly seconds: number
}

function refuse(why: string): never {
  console.error(`${why}\n\n${help}`)
  process.exit(2)
}

function readFlags() {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    list: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] as string[] },
    json: { type: 'string' },
  } as const
  try {
    return parseArgs({ options, allowPositionals: true })
  } catch (error) {
    return refuse((error as Error).message)
  }
}

/** A promise whose run breaks is not held; the others are still asked. */
async function ask(promised: Promised, number: number): Promise<Row> {
  process.stderr.write(`${number}. ${promised.line} ...\n`)
  const began = performance.now()
  const outcome = await promised
    .run()
    .catch((error: unknown) => ({ figure: `could not be run: ${String(error)}`, held: false }))
  const seconds = Math.round((performance.now() - began) / 100) / 10
  process.stderr.write(`   ${outcome.held ? 'held' : 'NOT HELD'}: ${outcome.figure} (${seconds} s)\n`)
  return { number, line: promised.line, ...outcome, seconds }
}

function print(rows: readonly Row[]): void {
  console.log('| | promise | figure | held |\n|---|---|---|---|')
  for (const { number, line, figure, held } of rows)
    console.log(`| ${number} | ${line} | ${figure} | ${held ? 'yes' : 'NO'} |`)
  for (const { number, line, details } of rows.filter((row) => row.details !== undefined)) {
    console.log(`\n${number}. ${line}`)
    for (const detail of details ?? []) console.log(`   ${detail}`)
  }
}

/** An hour's figures must not be lost to a path that cannot be written. */
async function makeWritable(file: string): Promise<void> {
  try {
    await writeFile(file, '', { flag: 'a' })
  } catch (error) {
    refuse(`--json ${file}: it cannot be written: ${(error as Error).message}`)
  }
}

async function main(): Promise<number> {
  const { values, positionals } = readFlags()
  if (values.help) {
    console.log(help)
    return 0
  }
  const [name = '', ...rest] = positionals
  const load = Object.hasOwn(capabilities, name) ? capabilities[name] : undefined
  if (load === undefined || rest.length > 0)
    return refuse(`Which capability? ${positionals.join(' ') || 'None was named'}.`)
  const capability = await load()
  const numbered = capability.promises.map((promised, index) => ({ promised, number: index + 1 }))
  if (values.list) {
    if (values.only.length > 0 || values.json !== undefined)
      return refuse('--list runs nothing: it goes with no --only and no --json.')
    for (const { promised, number } of numbered) console.log(`${number}. ${promised.line}`)
    return 0
  }
  const strange = values.only.find((text) => !numbered.some(({ number }) => String(number) === text))
  if (strange !== undefined)
    return refuse(`--only: found ${JSON.stringify(strange)}, expected a number from 1 to ${numbered.length}.`)
  const only = values.only.map(Number)
  await mkdir(join(root, '.cache/prove'), { recursive: true })
  const file = values.json ?? join(root, `.cache/prove/${name}.json`)
  await makeWritable(file)

  endWithUs(removeScratch)
  process.env['TMPDIR'] = await scratch() // What a test leaves behind goes as well.
  const rows: Row[] = []
  try {
    for (const { promised, number } of numbered)
      if (only.length === 0 || only.includes(number)) rows.push(await ask(promised, number))
  } finally {
    await removeScratch()
  }
  print(rows)
  await writeFile(file, `${JSON.stringify({ capability: name, node: process.version, rows }, null, 2)}\n`)
  return rows.every(({ held }) => held) ? 0 : 1
}

process.exitCode = await main()
