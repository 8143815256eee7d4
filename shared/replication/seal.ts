import { digestText, type Digests } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import { type groupEntry, type Onto, routeEntry, writeMark } from '#shared/kernel/mark.ts'
import { nonce } from '#shared/kernel/clock.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import type { Condition, ObjectMeta, ObjectStore, Properties, Write } from '#shared/ports/object-store.ts'
import type { Core } from './core.ts'
import { hold } from './hold.ts'
import { digestProperties, withoutMarks } from './properties.ts'

/** One write to one target. */
export interface Lane {
  readonly store: ObjectStore
  readonly key: Key
  readonly condition: Condition
  readonly storageClass: string | null
  /** `null`: the write is a user's own version again, news to everyone. */
  readonly mark: {
    readonly entry: typeof groupEntry | typeof routeEntry
    readonly stamp: Stamp
    readonly onto: Onto
  } | null
}

/** What is written beside the bytes. The last thing before a write is sent: it waits for the target's clock and notes it. */
export async function seal(
  core: Core,
  lane: Lane,
  source: {
    readonly properties: Properties
    readonly digests: Digests
    readonly tags: Readonly<Record<string, string>>
  },
  signal: AbortSignal,
): Promise<Omit<Write, 'body'>> {
  const algorithm = lane.store.traits.digest
  const content = source.digests[algorithm]!
  const properties = withoutMarks(source.properties)
  const common = {
    headers: properties.headers,
    tags: source.tags,
    storageClass: lane.storageClass,
    digests: { [algorithm]: content },
  }
  if (lane.mark === null) return { ...common, metadata: properties.metadata }
  const { entry, stamp, onto } = lane.mark
  const writtenMs = entry === routeEntry ? 0 : await hold(core, lane.store, lane.key, stamp, signal)
  const mark = writeMark({
    stamp,
    key: digestText(core.hashing, lane.key),
    algorithm,
    content,
    properties: digestProperties(core.hashing, properties),
    writtenMs,
    nonce: nonce(core.random),
    onto,
  })
  return { ...common, metadata: { ...properties.metadata, [entry]: mark } }
}

/** Compares what the target stored with what was sent. A store that proved itself refuses other bytes before it stores them, so it never comes to this. */
export function compareWithTarget(lane: Lane, sent: Digests, stored: ObjectMeta): ObjectMeta {
  const algorithm = lane.store.traits.digest
  if (stored.digests[algorithm] === sent[algorithm]) return stored
  throw new Failure(
    'corrupt',
    `${lane.store.site}: stored ${algorithm} ${stored.digests[algorithm]}, expected ${sent[algorithm]}`,
    {
      site: lane.store.site,
    },
  )
}
