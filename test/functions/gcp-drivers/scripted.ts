import { gcsClient, type GcsClientOptions } from '#gcp/drivers/client.ts'
import { gcsStore, type GcsStoreOptions } from '#gcp/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import type { Digests, Hashing } from '#shared/kernel/digest.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { type SiteId, siteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import type { ObjectStore, Write } from '#shared/ports/object-store.ts'
import { bodyOf, bytes } from '#test/contract/subject.ts'
import type { Script } from '#test/functions/drivers/scripted.ts'

export const site: SiteId = siteId('gcs')
export const key: Key = parseKey('a/b.txt')
export const hashing: Hashing = await loadHashing()
export const token = 'the-secret-token'

export function storeAt(
  endpoint: string,
  client: Partial<GcsClientOptions> = {},
  options: Partial<GcsStoreOptions> = {},
): ObjectStore {
  const storage = gcsClient({ endpoint, token, ...client })
  const common = { site, hashing, clock: systemClock, versioned: true }
  return gcsStore({ ...common, storage, bucket: 'things', control: { bucket: 'yard' }, ...options })
}

/** As Cloud Storage says no. */
export function refusing(status: number, reason: string, message = 'No.'): Script {
  const error = { code: status, message, errors: [{ message, domain: 'global', reason }] }
  return saying({ error }, status)
}

export function saying(value: unknown, status = 200): Script {
  return (_request, answer) =>
    void answer.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(value))
}

/** An object's resource as the JSON API gives it. */
export function resource(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    name: key,
    generation: '1764000000000001',
    metageneration: '1',
    timeCreated: '2026-11-25T04:31:00.123Z',
    size: '7',
    crc32c: crc32cOf(bytes('content')),
    ...more,
  }
}

export function crc32cOf(content: Uint8Array): string {
  const hasher = hashing.hasher('crc32c')
  hasher.update(content)
  return hasher.digest()
}

export function write(content: string | Uint8Array, said: Partial<Write> = {}): Write {
  const body = typeof content === 'string' ? bytes(content) : content
  const digests: Digests = { crc32c: crc32cOf(body) }
  return { headers: {}, metadata: {}, tags: {}, storageClass: null, body: bodyOf(body), digests, ...said }
}
