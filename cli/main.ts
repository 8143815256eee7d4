/** `isobar`: the operator's hand. Progress goes to standard error, the result to standard output. */
import { Command, CommanderError } from 'commander'
import { ConfigError } from '#shared/config/issue.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { doctor } from './doctor.ts'

const notUnderstood = 2
const interrupted = 130

const ending = new AbortController()

/** So long may what was begun be taken away again. */
const tidyMs = 5_000

process.on('SIGINT', () => {
  if (ending.signal.aborted) return leave()
  process.stderr.write('ending; Ctrl-C again ends at once, and leaves what was written\n')
  ending.abort()
  setTimeout(leave, tidyMs).unref()
})

function leave(): void {
  process.stderr.write('interrupted\n')
  process.exit(interrupted)
}

process.stdout.on('error', unwritten)

function unwritten({ message, code }: NodeJS.ErrnoException): never {
  if (code === 'EPIPE') process.exit() // Whoever reads no further has read what they wanted.
  process.stderr.write(`standard output: ${message}\n`)
  process.exit(1)
}

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
if (ending.signal.aborted) leave()
// Connections that are kept open for a next request would hold the process.
process.stdout.write('', (failed) => (failed ? unwritten(failed) : process.exit()))

/** What a person can mend is said without a stack. */
function codeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : notUnderstood
  if (!(thrown instanceof ConfigError || (thrown instanceof Failure && thrown.kind === 'invalid'))) throw thrown
  process.stderr.write(`${thrown.message}\n`)
  return notUnderstood
}
