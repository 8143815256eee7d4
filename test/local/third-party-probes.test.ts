import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { gcsFace } from '#local/servers/gcs/face.ts'
import { s3Face } from '#local/servers/s3/face.ts'
import { engineOnDisk } from './on-disk.ts'

/** Holds `s3.mjs` and `gcs.mjs`: each asks the address that it is given, prints `yes` or `no` before each question, and the sum. */
const folder = process.env['ISOBAR_PROBES'] ?? ''
const now = Date.now

interface Answers {
  readonly yes: number
  /** What was answered otherwise than the probe expects, or could not be asked. */
  readonly others: readonly string[]
}

/** A script that lies in a folder of its own brings its own SDK. */
async function asked(script: string, url: string, credentials: NodeJS.ProcessEnv = {}): Promise<Answers> {
  const env = { PATH: process.env['PATH'], ...credentials }
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, script), url], { env, maxBuffer: 1e7 })
  const lines = stdout.split('\n')
  const others = lines
    .filter((line) => /^(?:no|ERROR) /.test(line))
    .map((line) => line.replace(/^\w+ +| {2}\[.*$/g, ''))
  return { yes: lines.filter((line) => line.startsWith('yes ')).length, others }
}

it(
  'ISOBAR_PROBES holds probes by others: S3 as they expect it, but where its documentation says otherwise',
  {
    timeout: 300_000,
  },
  async ({ skip }) => {
    skip(folder === '', 'no folder was given')
    const engine = await engineOnDisk()
    const own = { accessKeyId: 'probe', secretAccessKey: 'of this run alone' }
    const face = await s3Face({ engine, now, credentials: [own], region: 'us-east-1' })
    const said = { AWS_ACCESS_KEY_ID: own.accessKeyId, AWS_SECRET_ACCESS_KEY: own.secretAccessKey }
    expect(await asked('s3.mjs', face.url, said)).toEqual({
      yes: 89,
      others: [
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: what is not ASCII comes back as RFC 2047 words.
        'user metadata: UTF-8 bytes as they are',
        // The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html end in .000Z: S3 dates by the second.
        'ListObjectsV2 dates finer than a second',
      ],
    })
    await face.close()
    await engine.close()
  },
)

it('ISOBAR_PROBES holds probes by others: Cloud Storage as they expect it', { timeout: 300_000 }, async ({ skip }) => {
  skip(folder === '', 'no folder was given')
  const engine = await engineOnDisk()
  const face = await gcsFace({ engine, now, anonymous: true })
  // The probe has no credentials to give: at a door that asks for none it finds that none are asked for. gcs/access.test.ts asks the other door.
  expect(await asked('gcs.mjs', face.url)).toEqual({ yes: 68, others: ['no credentials: 401'] })
  await face.close()
  await engine.close()
})
