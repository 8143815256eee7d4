import { readFile } from 'node:fs/promises'
import { parseConfig } from '#shared/config/load.ts'
import type { Config } from '#shared/config/model.ts'
import { Failure } from '#shared/kernel/failure.ts'

/** Names the environment variable that holds the configuration itself, or the path of its file. */
export const configVariable = 'ISOBAR_CONFIG'

type Environment = Readonly<Record<string, string | undefined>>

/** Once, at cold start: a function whose configuration is refused does not start. */
export async function loadConfig(environment: Environment): Promise<Config> {
  return parseConfig(await configText(environment))
}

export async function configText(environment: Environment): Promise<string> {
  const value = environment[configVariable]?.trim()
  if (!value) {
    throw new Failure('invalid', `${configVariable}: found nothing, expected the configuration or the path of its file`)
  }
  return value.startsWith('{') ? value : readFile(value, 'utf8').catch((cause: unknown) => refuseFile(value, cause))
}

function refuseFile(path: string, cause: unknown): never {
  const why = cause instanceof Error ? cause.message : String(cause)
  throw new Failure('invalid', `${configVariable}: found ${JSON.stringify(path)}, which cannot be read: ${why}`, {
    cause,
  })
}
