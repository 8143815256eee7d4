/**
 * Everything a change can break, in one go: `npm run check` reads the code, `npm test` runs it as well.
 * Each check is a command that a person could type; its output is shown only when it fails.
 */
import { endWithUs, run, type Run } from './command.ts'
import { readFlags } from './flags.ts'
import { runTests } from './tests.ts'

const help = `npm run check    reads the code: types, lint, format, dead code, the configuration's schema
npm test         the same, and then runs every law

Neither takes arguments. Some laws alone: npx vitest run test/FOLDER

Exit: 0 all is well, 1 something is not, 2 the command was not understood, 130 it was ended by Ctrl-C.`

const checks: Readonly<Record<string, readonly string[]>> = {
  // Without --force a mended tsconfig keeps its old errors, and a broken one its old success.
  types: ['tsc', '-b', '--force'],
  lint: ['oxlint'],
  format: ['oxfmt', '--check'],
  'dead code': ['knip', '--no-progress'],
  schema: ['node', 'prove/schema.ts', '--check'],
}

function show(name: string, result: Run): void {
  const outcome = result.code === 0 ? 'ok' : 'FAILED'
  console.log(`${name.padEnd(10)} ${outcome.padEnd(6)} ${result.seconds.toFixed(1).padStart(5)} s`)
  if (result.code !== 0) console.log(`  ${result.command}\n${result.stdout}${result.stderr}`)
}

/** Runs all of them at once and answers the names of those that failed. */
async function check(): Promise<string[]> {
  const outcomes = Object.entries(checks).map(async ([name, [command = '', ...args]]) => {
    const result = await run(command, args)
    show(name, result)
    return result.code === 0 ? [] : [name]
  })
  return (await Promise.all(outcomes)).flat()
}

const withTests = readFlags(help, ['with-tests']).has('with-tests')
endWithUs()
const failed = await check()
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join(', ')}. \`npm run fix\` mends what a tool can mend.`)
  process.exit(1)
}
if (withTests) process.exit(await runTests())
