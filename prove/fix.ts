/** Mends what tools can mend. Format comes last and always, for a fix may need it; what either could not do is the exit code. */
import { endWithUs, run } from './command.ts'
import { readFlags } from './flags.ts'

readFlags(`npm run fix

Mends in this repository what the linter can mend, and then the format of every file. It takes no arguments.

Exit: 0 nothing is left to mend, 1 something is that a person must, 2 the command was not understood, 130 it was ended by Ctrl-C.`)

endWithUs()
const lint = await run('oxlint', ['--fix'], { live: true })
const format = await run('oxfmt', [], { live: true })
process.exitCode = lint.code === 0 && format.code === 0 ? 0 : 1
