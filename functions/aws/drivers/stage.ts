import { createHash } from 'node:crypto'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import type { TransferId } from '#shared/ports/object-store.ts'
import type { Call } from './failure.ts'
import type { Place } from './place.ts'

/**
 * One transfer, and where its parts wait: under a key of the control bucket that its own key and name make, so that whoever works on it
 * finds it. S3 dates an upload by its beginning; the object itself must be dated by its commit.
 */
export interface Stage {
  readonly place: Place
  /** The control bucket. Nothing that happens there shows anywhere. */
  readonly aside: Place
  readonly key: Key
  readonly staged: Key
}

/** Everything below this may be removed by age. */
const prefix = 'staging'

export function stageFor(place: Place, aside: Place, key: Key, transfer: TransferId): Stage {
  const name = createHash('sha256')
    .update(JSON.stringify([place.bucket, key, transfer]))
    .digest('hex')
  return { place, aside, key, staged: parseKey(`${prefix}/${place.site}/${name}`) }
}

/** A failure there is about the key whose parts they are. By default nothing of it shows if its answer is lost. */
export function callAside({ place, aside, key, staged }: Stage, verb: string, more: Partial<Call> = {}): Call {
  return { site: place.site, bucket: aside.bucket, verb, key: staged, of: key, writes: false, ...more }
}
