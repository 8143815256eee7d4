/** What an answer says of an object. */
import type { Algorithm, Digests } from '#shared/kernel/digest.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { stampId, type Version, version } from '#shared/kernel/version.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import { saidIn, type Told } from './properties.ts'

/** `null` where the answer lacks what every answer about an object has. */
export function metaOf(site: SiteId, key: Key, told: Told, versioned: boolean): ObjectMeta | null {
  const etag = bareTag(told['etag'] ?? '')
  const dateMs = Date.parse(told['last-modified'] ?? '')
  const size = Number(told['content-range']?.split('/')[1] ?? told['content-length'] ?? NaN)
  if (etag === '' || Number.isNaN(dateMs) || !Number.isSafeInteger(size)) return null
  const { headers, metadata, tags } = saidIn(site, key, told)
  return {
    key,
    version: versionOf(etag, told['x-amz-version-id'], versioned),
    id: stampId(etag),
    dateMs,
    size,
    digests: digestsOf(etag, told),
    inParts: isInParts(etag),
    tagCount: Number(told['x-amz-tagging-count'] ?? 0) + Object.keys(tags).length,
    headers,
    metadata,
  }
}

/**
 * CRC64NVME is always of the whole. An ETag is the MD5 only of what was uploaded at once and is encrypted with S3's own keys or not at
 * all. An answer to a range may carry the checksum of a part.
 */
function digestsOf(etag: string, told: Told): Digests {
  const digests: Partial<Record<Algorithm, string>> = {}
  const whole = told['content-range'] === undefined && told['x-amz-checksum-type'] !== 'COMPOSITE'
  for (const algorithm of ['crc64nvme', 'crc32c'] as const) {
    const sum = told[`x-amz-checksum-${algorithm}`]
    if (whole && sum !== undefined && !sum.includes('-')) digests[algorithm] = sum
  }
  const encryption = told['x-amz-server-side-encryption'] ?? ''
  const ownKey =
    encryption.startsWith('aws:kms') || told['x-amz-server-side-encryption-customer-algorithm'] !== undefined
  if (/^[0-9a-f]{32}$/.test(etag) && !ownKey) digests.md5 = Buffer.from(etag, 'hex').toString('base64')
  return digests
}

/** For conditions the ETag, for pinned reads the version's id; where no versions are kept, the ETag again. */
export function versionOf(etag: string, id: string | undefined, versioned: boolean): Version {
  return version(`${etag}|${versioned ? (id ?? 'null') : etag}`)
}

export function pinOf(pinned: Version): { readonly etag: string; readonly id: string } {
  const bar = pinned.indexOf('|')
  return { etag: pinned.slice(0, bar), id: pinned.slice(bar + 1) }
}

export function isInParts(etag: string): boolean {
  return /-\d+$/.test(etag)
}

/** An ETag without the quotes of its header. */
export function bareTag(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1')
}
