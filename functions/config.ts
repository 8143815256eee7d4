import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import { parseConfig } from '#shared/config/load.ts'
import type { Config } from '#shared/config/model.ts'
import { show } from '#shared/config/show.ts'
import { Failure } from '#shared/kernel/failure.ts'

/** Names the environment variable that holds the configuration itself, or the path of its file. */
export const configVariable = 'ISOBAR_CONFIG'

type Environment = Readonly<Record<string, string | undefined>>

/** Once, at cold start: a function whose configuration is refused does not start. */
export async function loadConfig(environment: Environment): Promise<Config> {
  return parseConfig(await configText(environment))
}

/** A text that begins with a brace or a bracket is a document, and refused as one where it is not sound; every other is a path. */
export async function configText(environment: Environment): Promise<string> {
  const value = environment[configVariable]?.trim()
  if (!value) {
    throw new Failure(
      'invalid',
      `${configVariable}: found nothing, expected the path of a configuration, or the configuration itself, which begins with "{"`,
    )
  }
  return isDocument(value) ? value : readFile(value, 'utf8').catch((cause: unknown) => refuseFile(value, cause))
}

function isDocument(value: string): boolean {
  return /^\s*[[{]/.test(value)
}

/** The same, as a person would say where it came from. */
export function configSource(environment: Environment): string {
  const value = environment[configVariable] ?? ''
  return isDocument(value) ? `the text in ${configVariable}` : value.trim()
}

/** A document taken for a path may be long and no one else's concern: it is shown short, and Node's message, which repeats it, not at all. */
function refuseFile(path: string, cause: unknown): never {
  throw new Failure(
    'invalid',
    `${configVariable}: found ${show(path)}, the path of a file that cannot be read (${why(cause)})${whence(path)}; ` +
      'expected a path that can, or the configuration itself, which begins with "{"',
    { cause },
  )
}

/** npm runs every command in the repository's root, wherever it was typed. */
function whence(path: string): string {
  return isAbsolute(path) ? '' : `, looked for from ${show(process.cwd())}`
}

function why(cause: unknown): string {
  const { code = 'unknown', errno = 0 } = cause as NodeJS.ErrnoException
  return getSystemErrorMap().get(errno)?.join(', ') ?? code
}
