/** Mends what tools can mend. Format comes last and always, for a fix may need it; what either could not do is the exit code. */
import { endWithUs, run } from './command.ts'

endWithUs()
const lint = await run('oxlint', ['--fix'], { live: true })
const format = await run('oxfmt', [], { live: true })
process.exitCode = lint.code === 0 && format.code === 0 ? 0 : 1
