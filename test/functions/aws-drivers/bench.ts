import { expect, onTestFinished } from 'vitest'
import { s3Client, type S3ClientOptions } from '#aws/drivers/client.ts'
import { s3Store, type S3StoreOptions } from '#aws/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import { type Version, version } from '#shared/kernel/version.ts'
import type { Body, Condition, ObjectStore, Write } from '#shared/ports/object-store.ts'
import { type Script, ScriptedServer } from './scripted-server.ts'

export const key: Key = parseKey('a key')
export const pinned: Version = version('25f9e794323b453885f5181f1b624d0b|v1')
export const absent: Condition = { if: 'absent' }
export const since: Condition = { if: 'unchanged', since: pinned }
export const never: AbortSignal = new AbortController().signal

export interface Bench {
  readonly server: ScriptedServer
  readonly store: ObjectStore
}

/** The driver before a server that follows a script, until the law that asked for it is over. */
export async function bench(
  script: Script,
  options: Partial<S3StoreOptions> = {},
  client: Partial<S3ClientOptions> = {},
): Promise<Bench> {
  const server = new ScriptedServer(script)
  onTestFinished(() => server.close())
  const endpoint = await server.listen()
  return { server, store: storeAt(endpoint, options, client) }
}

export function storeAt(
  endpoint: string,
  options: Partial<S3StoreOptions> = {},
  client: Partial<S3ClientOptions> = {},
): ObjectStore {
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' }
  return s3Store({
    client: s3Client({ region: 'us-east-1', endpoint, credentials, connectMs: 500, silenceMs: 500, ...client }),
    site: siteId('here'),
    bucket: 'bucket',
    control: { bucket: 'control' },
    clock: systemClock,
    versioned: true,
    ...options,
  })
}

export function write(text: string | Body = 'content', said: Partial<Write> = {}): Write {
  const body = typeof text === 'string' ? bodyOf(Buffer.from(text)) : text
  return { body, digests: {}, headers: {}, metadata: {}, tags: {}, storageClass: null, ...said }
}

export function bodyOf(bytes: Uint8Array, size: number = bytes.byteLength): Body {
  return {
    size,
    async *open() {
      yield bytes
    },
  }
}

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString('utf8')
}

/** How it failed: as the port says, in one line that names the site, with the cause behind it and never in it. */
export async function failed(act: Promise<unknown>): Promise<Failure> {
  const thrown = await act.then(
    (found) => expect.fail(`found ${JSON.stringify(found)}, expected a Failure`),
    (reason: unknown) => reason,
  )
  expect(thrown).toBeInstanceOf(Failure)
  const failure = thrown as Failure
  expect(failure.message).not.toMatch(/[\n\r]|\bat .*\.js|node_modules|smithy|\[object/)
  expect(failure.message).toContain('here')
  return failure
}
