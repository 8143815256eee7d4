import { groupEntry, routeEntry } from '#shared/kernel/mark.ts'
import type { ObjectMeta, ObjectStore, VersionPage, Write } from '#shared/ports/object-store.ts'

/** The store as the next version of Isobar sees it: one whose marks have another format, of which today's knows only that it is newer. */
export function upgraded(store: ObjectStore): ObjectStore {
  const page = (found: VersionPage): VersionPage => ({
    ...found,
    versions: found.versions.map((kept) => (kept.meta === null ? kept : { ...kept, meta: toToday(kept.meta) })),
  })
  return {
    ...store,
    head: async (key, signal, version) => known(await store.head(key, signal, version)),
    get: async (key, signal, want) => {
      const found = await store.get(key, signal, want)
      return found === null ? null : { ...found, meta: toToday(found.meta) }
    },
    put: async (key, write, condition, signal) => toToday(await store.put(key, toNext(write), condition, signal)),
    commit: async (key, transfer, parts, write, condition, signal) =>
      toToday(await store.commit(key, transfer, parts, toNext(write), condition, signal)),
    versions: async (key, cursor, signal) => page(await store.versions(key, cursor, signal)),
    listVersions: async (query, signal) => page(await store.listVersions(query, signal)),
    list: async (query, signal) => {
      const found = await store.list(query, signal)
      return {
        ...found,
        objects: found.objects.map((one) => (one.meta === null ? one : { ...one, meta: toToday(one.meta) })),
      }
    },
  }
}

function known(meta: ObjectMeta | null): ObjectMeta | null {
  return meta === null ? null : toToday(meta)
}

function toToday(meta: ObjectMeta): ObjectMeta {
  return { ...meta, metadata: renumbered(meta.metadata, '2;', '1;') }
}

function toNext<W extends Omit<Write, 'body'>>(write: W): W {
  return { ...write, metadata: renumbered(write.metadata, '1;', '2;') }
}

function renumbered(
  metadata: Readonly<Record<string, string>>,
  from: string,
  to: string,
): Readonly<Record<string, string>> {
  const changed = { ...metadata }
  for (const entry of [groupEntry, routeEntry]) {
    const mark = changed[entry]
    if (mark?.startsWith(from) === true) changed[entry] = to + mark.slice(from.length)
  }
  return changed
}
