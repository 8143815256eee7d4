/**
 * What parts a whole was put together from. S3 lists them no more once they are one object; kept beside it, they need not be sent again
 * where a commit was refused, or was cut short between its two halves.
 */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import * as z from 'zod'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import type { Part } from '#shared/ports/object-store.ts'
import { get } from './reads.ts'
import { callAside, type Stage } from './stage.ts'

export function ledgerKey({ staged }: Stage): Key {
  return parseKey(`${staged}.parts`)
}

/** Ten thousand parts are half of it. */
const bytesMax = 1024 ** 2

const schema = z.array(z.tuple([z.int().min(1), z.int().min(0), z.string()]))

export async function noteParts(stage: Stage, parts: readonly Part[], signal: AbortSignal): Promise<void> {
  const rows = parts.map(({ number, size, digests }) => [number, size, digests.crc64nvme ?? ''])
  const bytes = new TextEncoder().encode(JSON.stringify(rows))
  const { bucket, wire } = stage.aside
  const body = {
    size: bytes.byteLength,
    async *open() {
      yield bytes
    },
  }
  await wire.upload(
    callAside(stage, 'commit', { key: ledgerKey(stage) }),
    body,
    (stream) => new PutObjectCommand({ Bucket: bucket, Key: ledgerKey(stage), Body: stream, ContentLength: body.size }),
    signal,
  )
}

/** None where nothing legible was noted: then they are sent again. */
export async function notedParts(stage: Stage, signal: AbortSignal): Promise<readonly Part[]> {
  const found = await get(stage.aside, ledgerKey(stage), signal)
  if (found === null || found.meta.size > bytesMax) return []
  const text = Buffer.concat(await Array.fromAsync(found.body)).toString('utf8')
  const rows = schema.safeParse(jsonIn(text)).data ?? []
  return rows.map(([number, size, sum]) => ({ number, size, digests: sum === '' ? {} : { crc64nvme: sum } }))
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
