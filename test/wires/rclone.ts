/** Rclone as an outside client of the embedded clouds: what it is told, and what it cannot say. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { account, accountKey, credentials, type Kind, region, token } from '#test/local/doors.ts'
import type { Clouds } from './clouds.ts'

/** Its remotes are named as our kinds; nothing comes from a file of this machine. */
function remotes(urls: Clouds['url']): Record<string, string> {
  const settings: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
    s3: {
      type: 's3',
      provider: 'Minio',
      endpoint: urls.s3,
      region,
      access_key_id: credentials.accessKeyId,
      secret_access_key: credentials.secretAccessKey,
      no_check_bucket: 'true',
    },
    azure: {
      type: 'azureblob',
      account,
      key: accountKey,
      endpoint: `${urls.azure}/${account}`,
      no_check_container: 'true',
    },
    gcs: {
      type: 'google cloud storage',
      endpoint: `${urls.gcs}/storage/v1/`,
      access_token: token,
      project_number: 'isobar',
      no_check_bucket: 'true',
    },
  }
  const env: Record<string, string> = { RCLONE_CONFIG: '/dev/null' }
  for (const [kind, pairs] of Object.entries(settings))
    for (const [name, value] of Object.entries(pairs))
      env[`RCLONE_CONFIG_${kind.toUpperCase()}_${name.toUpperCase()}`] = value
  return env
}

/** Answers what it said; throws where it says that something is wrong. */
export function rcloneBy(program: string, urls: Clouds['url']): (...args: readonly string[]) => Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', ...remotes(urls) }
  return async (...args) => {
    const { stderr } = await promisify(execFile)(program, [...args, '--retries', '1', '--log-level', 'NOTICE'], {
      env,
      maxBuffer: 1e8,
    })
    return stderr
  }
}

/** Names that rclone takes for others, or reads and writes as others, each with its reason; nothing else is left out. */
export const inexpressible: readonly {
  readonly at: readonly Kind[]
  readonly why: string
  readonly fits: (path: string) => boolean
}[] = [
  {
    at: ['s3', 'azure', 'gcs'],
    why: 'it takes the two Unicode forms of a letter for one and passes over the second',
    fits: (path) => path.normalize('NFC') !== path || path.normalize('NFD') !== path,
  },
  {
    at: ['azure'],
    why: 'Azure refuses these letters: rclone does not write them, and the driver spells them so that only itself reads them',
    // oxlint-disable-next-line no-control-regex -- these are the letters
    fits: (path) => /[\u0000-\u001F\u007F\\\uFFFD]/.test(path),
  },
  {
    at: ['azure'],
    why: 'Azure drops a dot at the end of a segment: rclone and the driver each spell it their way',
    fits: (path) => path.split('/').some((segment) => segment.endsWith('.')),
  },
  {
    at: ['gcs'],
    why: 'Cloud Storage refuses line breaks in names: rclone writes pictures of them',
    fits: (path) => /[\r\n]/.test(path),
  },
]
