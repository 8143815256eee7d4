import * as z from 'zod'
import type { Config, GcsSite } from '#shared/config/model.ts'
import type { Key } from '#shared/kernel/key.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'
import { key, type Notice, refuse } from '#functions/notice.ts'
import { siteOfBucket } from '#gcp/config.ts'
import { keyOf } from '#gcp/drivers/names.ts'

/** What Cloud Storage tells of an object, in any form of its events. */
export interface Told {
  readonly bucket: string
  /** By which name the form calls the bucket. */
  readonly field: string
  readonly key: Key
  readonly what: 'finalized' | 'metadataUpdated' | 'archived' | 'deleted'
  readonly generation: string
  /** Another generation took its place. */
  readonly isOverwritten: boolean
  readonly timeMs: number
}

/** Numbers of 64 bits travel as text. */
export const generation: z.ZodType<string> = z
  .string('a generation, as text')
  .regex(/^[0-9]{1,20}$/, 'a generation, as text')

/** A key that Cloud Storage refuses lies under another name, and its events tell that. */
export const name: z.ZodType<Key, string> = key.transform((text) => keyOf(text))

export const bucket: z.ZodType<string> = z.string('the name of a bucket')

export function noticeOf(told: Told, config: Config): Notice {
  const { bucket, field, key, generation, timeMs } = told
  const site = siteOfBucket(config, bucket) ?? refuse(field, bucket, 'the bucket of a site')
  const kind = kindOf(told, site)
  if (kind === null) {
    return { passedOver: { site: site.id, key, why: 'it is about a generation that was no longer live' } }
  }
  const id = kind === 'deleted' ? null : stampId(generation)
  return { message: { kind: 'event', event: { site: site.id, key, kind, id, timeMs, writtenFor: null, byUser: null } } }
}

/** `null`: no event of the key's life. Where versions are kept, a deletion archives; what is deleted there was archived before. */
function kindOf({ what, isOverwritten }: Told, { versioned }: GcsSite): ObjectEvent['kind'] | null {
  switch (what) {
    case 'finalized':
      return 'created'
    case 'metadataUpdated':
      return 'updated'
    case 'archived':
      return isOverwritten ? null : 'deleted'
    case 'deleted':
      return versioned || isOverwritten ? null : 'deleted'
  }
}
