import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutBucketVersioningCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { openEngine } from '#local/servers/engine/engine.ts'
import { s3Face, type S3Face, type S3FaceOptions } from '#local/servers/s3/face.ts'
import { type Raw, type RawAnswer, sendRaw } from './raw.ts'

export const credentials = { accessKeyId: 'AKIDBENCH', secretAccessKey: 'secret/of+the=bench' }
export const MiB: number = 1024 * 1024

const say = () => {}
/** Refusals are what is looked for here; the SDK need not tell of each. */
const silent = { trace: say, debug: say, info: say, warn: say, error: say }

/** A real engine on disk, the face over it, and the real SDK before it. */
export interface Bench {
  readonly face: S3Face
  readonly client: S3Client
  /** Never versioned. */
  readonly plain: string
  readonly versioned: string
  /** By how much the server's clock runs ahead. */
  readonly clock: { aheadMs: number }
  connect(config?: S3ClientConfig): S3Client
  /** A request signed by hand, byte for byte. */
  raw(request: Raw): Promise<RawAnswer>
  text(Bucket: string, Key: string, VersionId?: string): Promise<string>
  /** A put that has sent half of its body; what it answers with sends the rest. */
  halfway(Bucket: string, Key: string, more?: object): Promise<() => Promise<unknown>>
  close(): Promise<void>
}

export async function openBench(options: Partial<S3FaceOptions> = {}): Promise<Bench> {
  const { region = 'us-east-1' } = options
  const folder = mkdtempSync(join(tmpdir(), 'isobar-s3-'))
  const clock = { aheadMs: 0 }
  const now = () => Date.now() + clock.aheadMs
  const engine = await openEngine({ folder, now })
  const face = await s3Face({ engine, now, credentials: [credentials], ...options })
  const clients: S3Client[] = []
  const connect = (config: S3ClientConfig = {}) => {
    const common = { endpoint: face.url, region, credentials, forcePathStyle: true, maxAttempts: 1, logger: silent }
    const client = new S3Client({ ...common, ...config })
    clients.push(client)
    return client
  }
  const client = connect()
  for (const Bucket of ['plain', 'versioned']) await client.send(new CreateBucketCommand({ Bucket }))
  await switchVersions(client, 'versioned', 'Enabled')
  return {
    face,
    client,
    plain: 'plain',
    versioned: 'versioned',
    clock,
    connect,
    raw: (request) => sendRaw({ port: face.port, credentials, region, nowMs: now(), ...request }),
    async text(Bucket, Key, VersionId) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }))
      return Body!.transformToString()
    },
    async halfway(Bucket, Key, more = {}) {
      const sent = Promise.withResolvers<void>()
      const rest = Promise.withResolvers<void>()
      async function* slowly() {
        yield Buffer.alloc(100_000, 'a')
        sent.resolve()
        await rest.promise
        yield Buffer.alloc(100_000, 'b')
      }
      const Body = Readable.from(slowly())
      const writing = client.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: 200_000, ...more }))
      writing.catch(() => {})
      await sent.promise
      return () => {
        rest.resolve()
        return writing
      }
    },
    async close() {
      for (const one of clients) one.destroy()
      await face.close()
      await engine.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export async function switchVersions(client: S3Client, Bucket: string, Status: 'Enabled' | 'Suspended'): Promise<void> {
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
}

/** How a call was refused: its status and its code, which on HEAD is only the status in words. */
export async function refusal(call: Promise<unknown>): Promise<{ status: number | undefined; code: string }> {
  const thrown = await call.then(
    (answer) => expect.fail(`found ${JSON.stringify(answer)}, expected a refusal`),
    (reason: unknown) => reason,
  )
  const { name, $metadata } = thrown as { name: string; $metadata?: { httpStatusCode?: number } }
  return { status: $metadata?.httpStatusCode, code: name }
}

/** The code in the body of a raw answer. */
export function codeOf({ body }: RawAnswer): string {
  return /<Code>(.*?)<\/Code>/.exec(body.toString())?.[1] ?? ''
}

/** Bytes that a seed makes, so that no two parts are alike. */
export function bytesOf(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) + seed) & 0xff)
}
