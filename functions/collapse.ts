import type { ObjectEvent } from '#shared/replication/model.ts'
import type { Notice } from './notice.ts'

/** What is done once for all the notices it stands for. */
export interface Collapsed {
  readonly notice: Notice
  readonly of: readonly Notice[]
}

/**
 * Of events that came together and tell of one key at one site, one is enough: what counts is what the site shows now. A deletion among them
 * makes it a deletion, which looks at everything. An upload in parts stays by itself: its store may date it below a copy, and then no event but
 * its own finds it.
 */
export function collapsed(notices: readonly Notice[]): readonly Collapsed[] {
  const groups = new Map<unknown, Notice[]>()
  for (const notice of notices) {
    const name = nameOf(notice)
    groups.set(name, [...(groups.get(name) ?? []), notice])
  }
  return [...groups.values()].map((of) => ({ notice: of.reduce(both), of }))
}

/** Notices of one name are done as one. */
function nameOf(notice: Notice): unknown {
  const event = eventOf(notice)
  if (event === null) return notice
  const { site, key, kind, id } = event
  const plain = kind === 'deleted' || (kind === 'created' && !inParts(event))
  return JSON.stringify(plain ? [site, key] : [site, key, kind, id])
}

function both(one: Notice, other: Notice): Notice {
  const [a, b] = [eventOf(one), eventOf(other)]
  if (a === null || b === null) return one
  const same = <T>(of: (event: ObjectEvent) => T): T | null => (of(a) === of(b) ? of(a) : null)
  const [kind, byUser] =
    a.kind === b.kind
      ? [a.kind, same(({ byUser }) => byUser)]
      : a.kind === 'deleted'
        ? [a.kind, a.byUser]
        : [b.kind, b.byUser]
  const event: ObjectEvent = {
    site: a.site,
    key: a.key,
    kind,
    // Which of two versions is the later an event's seconds do not tell: whichever is on top is meant.
    id: kind === 'deleted' ? null : same(({ id }) => id),
    timeMs: Math.max(a.timeMs, b.timeMs),
    writtenFor: same(({ writtenFor }) => writtenFor),
    byUser,
  }
  return { message: { kind: 'event', event } }
}

function eventOf(notice: Notice): ObjectEvent | null {
  return 'message' in notice && notice.message.kind === 'event' ? notice.message.event : null
}

/** S3's ETag of an object whose bytes came in parts ends in their number. */
function inParts({ id }: ObjectEvent): boolean {
  return id !== null && /-[0-9]+$/.test(id)
}
