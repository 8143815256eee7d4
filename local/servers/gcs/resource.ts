import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import { crc32cOf, factsOf } from './facts.ts'
import { retainedUntilMs } from './holds.ts'
import { rfc3339 } from './moments.ts'

/** What the JSON API shows of one generation. `unlocked`: the request brought the customer's key, if there is one. */
export function resourceOf(base: string, bucket: Bucket, entry: Entry, unlocked: boolean): object {
  const facts = factsOf(entry)
  const place = `b/${bucket.name}/o/${encodeURIComponent(entry.key)}`
  const retainedUntil = retainedUntilMs(bucket, entry)
  return {
    kind: 'storage#object',
    id: `${bucket.name}/${entry.key}/${entry.id}`,
    selfLink: `${base}/storage/v1/${place}`,
    mediaLink: `${base}/download/storage/v1/${place}?generation=${entry.id}&alt=media`,
    name: entry.key,
    bucket: bucket.name,
    generation: entry.id,
    metageneration: String(facts.metageneration),
    ...facts.fields,
    storageClass: facts.storageClass,
    size: String(entry.content.size),
    ...(unlocked ? hashesOf(entry) : {}),
    etag: etagOf(entry),
    timeCreated: rfc3339(entry.dateMs),
    updated: rfc3339(facts.updatedMs),
    timeStorageClassUpdated: rfc3339(facts.classSinceMs),
    ...(entry.leftMs === null ? {} : { timeDeleted: rfc3339(entry.leftMs) }),
    ...(Object.keys(facts.metadata).length === 0 ? {} : { metadata: facts.metadata }),
    ...(facts.componentCount === null ? {} : { componentCount: facts.componentCount }),
    ...(facts.temporaryHold === undefined ? {} : { temporaryHold: facts.temporaryHold }),
    ...(facts.eventBasedHold === undefined ? {} : { eventBasedHold: facts.eventBasedHold }),
    ...(retainedUntil === null ? {} : { retentionExpirationTime: rfc3339(retainedUntil) }),
    ...(facts.keySha256 === null
      ? {}
      : { customerEncryption: { encryptionAlgorithm: 'AES256', keySha256: facts.keySha256 } }),
    ...(facts.kmsKeyName === null ? {} : { kmsKeyName: `${facts.kmsKeyName}/cryptoKeyVersions/1` }),
  }
}

/** Changes with the generation and with the metageneration. */
export function etagOf(entry: Entry): string {
  return Buffer.from(`${entry.id}/${factsOf(entry).metageneration}`).toString('base64')
}

/** As in `crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==`. */
export function googHashOf(entry: Entry): string {
  const { md5 } = factsOf(entry)
  return `crc32c=${crc32cOf(entry.content)}${md5 === null ? '' : `,md5=${md5}`}`
}

function hashesOf(entry: Entry): { crc32c: string; md5Hash?: string } {
  const { md5 } = factsOf(entry)
  return { crc32c: crc32cOf(entry.content), ...(md5 === null ? {} : { md5Hash: md5 }) }
}
