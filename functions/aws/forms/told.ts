import type { S3Site } from '#shared/config/model.ts'
import type { Key } from '#shared/kernel/key.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'
import type { Notice } from '#functions/notice.ts'

/** What S3 tells of a key, in either form of its events. */
export interface Told {
  readonly site: S3Site
  readonly key: Key
  readonly what: 'created' | 'covered by a delete marker' | 'removed for good'
  /** Of what was created. */
  readonly etag: string | null
  readonly timeMs: number
  /** Not by lifecycle. */
  readonly byUser: boolean
}

export function noticeOf(told: Told): Notice {
  const { site, key, etag, timeMs, byUser } = told
  const kind = kindOf(told)
  if (kind === null) {
    const why = 'lifecycle removed a noncurrent version or an empty delete marker for good'
    return { passedOver: { site: site.id, key, why } }
  }
  const id = etag === null ? null : stampId(etag.replace(/^"(.*)"$/, '$1'))
  return { message: { kind: 'event', event: { site: site.id, key, kind, id, timeMs, writtenFor: null, byUser } } }
}

/** `null`: no event of the key's life. */
function kindOf({ what, site, byUser }: Told): ObjectEvent['kind'] | null {
  if (what === 'created') return 'created'
  if (what === 'covered by a delete marker' || !site.versioned) return 'deleted'
  // The event does not tell a delete marker from a version: what a user removed for good is settled like a deletion, never lifted.
  return byUser ? 'deleted' : null
}
