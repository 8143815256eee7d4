/** `isobar`: the operator's hand. Progress goes to standard error, the result to standard output. */
import { Command, CommanderError } from 'commander'
import { ConfigError } from '#shared/config/issue.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { doctor } from './doctor.ts'

const notUnderstood = 2
const interrupted = 130

const ending = new AbortController()

process.once('SIGINT', () => {
  ending.abort()
  process.stderr.write('interrupted\n')
  process.exit(interrupted)
})

const program = new Command('isobar')
  .description('The same bytes in every cloud, without a server of your own.')
  .showHelpAfterError('(isobar --help says more)')
  .addHelpText(
    'after',
    `
Exit: 0 all is well, 1 something is not, 2 the command or the configuration was not understood, 130 interrupted.`,
  )
  .exitOverride()
  .addCommand(doctor(ending.signal, (code) => void (process.exitCode = code)).exitOverride())

try {
  await program.parseAsync()
} catch (thrown) {
  process.exitCode = codeOf(thrown)
}
// Connections that are kept open for a next request would hold the process.
process.stdout.write('', () => process.exit())

/** What a person can mend is said without a stack. */
function codeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : notUnderstood
  if (!(thrown instanceof ConfigError || (thrown instanceof Failure && thrown.kind === 'invalid'))) throw thrown
  process.stderr.write(`${thrown.message}\n`)
  return notUnderstood
}
