import { parseArgs } from 'node:util'

/** The flags that were typed, of those known. Help that is asked for is all that is done; what nobody would read is refused: whoever typed it meant something. */
export function readFlags(help: string, known: readonly string[] = []): ReadonlySet<string> {
  const flags = known.map((name) => [name, { type: 'boolean' }] as const)
  const options = { ...Object.fromEntries(flags), help: { type: 'boolean', short: 'h' } } as const
  try {
    const typed = new Set(Object.keys(parseArgs({ options }).values))
    if (!typed.has('help')) return typed
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`)
    process.exit(2)
  }
  console.log(help)
  process.exit(0)
}
