import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { account, accountKey, credentials, type Kind, region, token } from '#test/local/doors.ts'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Given {
  /** A file for its standard output. */
  readonly into?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Called with all that it has said on standard error, whenever it says more. */
  readonly heard?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void
}

/** The real command, as `npx isobar` starts it. */
export async function isobar(args: readonly string[], { environment = {}, heard, into }: Given = {}): Promise<Ended> {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, ['cli/isobar.js', ...args], {
    cwd: root,
    env: { PATH, HOME: '/nowhere', ...environment },
    stdio: ['ignore', into === undefined ? 'pipe' : openSync(into, 'w'), 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text
    heard?.(said.stderr, (signal) => child.kill(signal))
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}

type Variable =
  | 'ISOBAR_SITE_S3_ACCESS_KEY_ID'
  | 'ISOBAR_SITE_S3_SECRET_ACCESS_KEY'
  | 'ISOBAR_SITE_AZURE_ACCOUNT_KEY'
  | 'ISOBAR_SITE_GCS_TOKEN'

/** How the sites of `sitesAt` are asked. */
export const variables: Readonly<Record<Variable, string>> = {
  ISOBAR_SITE_S3_ACCESS_KEY_ID: credentials.accessKeyId,
  ISOBAR_SITE_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  ISOBAR_SITE_AZURE_ACCOUNT_KEY: accountKey,
  ISOBAR_SITE_GCS_TOKEN: token,
}

type SiteText = Readonly<Record<string, string>>

/** One site of each kind, at these addresses. */
export function sitesAt(url: Readonly<Record<Kind, string>>): Readonly<Record<Kind, SiteText>> {
  const control = 'control'
  return {
    s3: { kind: 's3', bucket: 'media', control, region, endpoint: url.s3 },
    azure: { kind: 'azure-blob', account, container: 'media', control, endpoint: `${url.azure}/${account}` },
    gcs: { kind: 'gcs', bucket: 'media', control, endpoint: url.gcs },
  }
}

export function grouped(sites: object): string {
  return JSON.stringify({ sites, replicate: [{ id: 'all', among: Object.keys(sites) }] })
}
