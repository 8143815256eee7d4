import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import type { Onto } from '#shared/kernel/mark.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import { stampId, version } from '#shared/kernel/version.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import type { Absent, Buried, Content, Native, Replica } from '#shared/replication/model.ts'

/** Hand-built sights: what members show of one key, without any store. */

export function stampOf(timeMs: number, origin = 'aws', id = 'v'): Stamp {
  return { epoch: 0, timeMs, origin: siteId(origin), id: stampId(id) }
}

export const plainContent: Content = { size: 3, digests: { md5: 'sum' }, properties: 'said', joinedMs: null }

function metaOf(site: string, name: string, timeMs: number, id: string): ObjectMeta {
  return {
    key: parseKey('k'),
    version: version(`${site} ${name}`),
    id: stampId(id),
    dateMs: timeMs,
    size: 3,
    digests: {},
    inParts: false,
    tagCount: 0,
    headers: {},
    metadata: {},
  }
}

export function native(
  site: string,
  timeMs: number,
  more: { readonly id?: string; readonly content?: Partial<Content> } = {},
): Native {
  const { id = 'v', content = {} } = more
  return {
    site: siteId(site),
    shows: 'native',
    stamp: stampOf(timeMs, site, id),
    content: { ...plainContent, ...content },
    meta: metaOf(site, 'native', timeMs, id),
  }
}

export function replica(site: string, of: Stamp, onto: Onto = 'over', below: Buried | null = null): Replica {
  const meta = metaOf(site, 'replica', of.timeMs + 1, `copy at ${site}`)
  return { site: siteId(site), shows: 'replica', stamp: of, onto, below, content: plainContent, meta }
}

export function nothing(site: string, below: Buried | null = null): Absent {
  return { site: siteId(site), shows: 'nothing', below }
}

export function buried(greatest: readonly Stamp[] = [], more: Partial<Buried> = {}): Buried {
  return { greatest, unseen: [], older: null, ...more }
}

/** A deleted native version from before its site joined, at 20. */
export function older(site: string, timeMs: number, content: Partial<Content> = {}): Buried {
  const stamp = stampOf(timeMs, site)
  const meta = metaOf(site, 'older', timeMs, stamp.id)
  return buried([stamp], { older: { meta, content: { ...plainContent, joinedMs: 20, ...content } } })
}
