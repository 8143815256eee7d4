import { notHeld, type Outcome, type Promised } from '#prove/promise.ts'
import { type Asked, laws } from '#prove/laws.ts'

/** Programs and servers by others, which are no part of this repository: who wants to see them asked says where they are. */
const others = {
  ISOBAR_CONTRACT_S3: 'the addresses of other servers of S3',
  ISOBAR_CONTRACT_AZURE: 'the addresses of other servers of Blob Storage',
  ISOBAR_CONTRACT_GCS: 'the addresses of other servers of Cloud Storage',
  ISOBAR_AZURITE: 'the address of Azurite',
  ISOBAR_PROBES: 'the folder of the probes s3.mjs and gcs.mjs',
  ISOBAR_RCLONE: 'the program rclone',
} as const
export type Other = keyof typeof others

type Environment = Readonly<Record<string, string>>

/** A promise that needs them. It does not hold where they are not named: what was not asked was not shown. */
export function among(names: readonly Other[], line: string, ask: (said: Environment) => Promise<Outcome>): Promised {
  return {
    line,
    async run() {
      const untold = names.filter((name) => !process.env[name])
      if (untold.length === 0) return ask(saidOf(names))
      return notHeld(`not run: ${untold.map((name) => `${name} is ${others[name]}`).join('; ')}`)
    },
  }
}

/** Each with what belongs to it, an account or a key; nothing else that somebody exported reaches what is run. */
function saidOf(names: readonly Other[]): Environment {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && names.some((one) => name === one || name.startsWith(`${one}_`)) ? [[name, value]] : [],
    ),
  )
}

/** Laws of these files that ask the others. */
export function lawsAmong(
  names: readonly Other[],
  line: string,
  files: readonly string[],
  asked: Omit<Asked, 'wanted'> = {},
): Promised {
  return among(names, line, (said) => laws(line, files, { ...asked, env: { ...asked.env, ...said } }).run())
}
