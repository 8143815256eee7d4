import type { Body, ObjectStore } from '#shared/ports/object-store.ts'
import type { Far, StoreVerbs } from './words.ts'

/** A driver, with bodies that lie in memory. */
export function storeVerbs(store: ObjectStore, signal: AbortSignal): Far<StoreVerbs> {
  return {
    head: (key, version) => store.head(key, signal, version ?? undefined),
    async read(key, version, range) {
      const want = { ...(version === null ? {} : { version }), ...(range === null ? {} : { range }) }
      const found = await store.get(key, signal, want)
      if (found === null) return null
      const chunks = await Array.fromAsync(found.body)
      return { meta: found.meta, bytes: new Uint8Array(Buffer.concat(chunks)) }
    },
    tags: (key, version) => store.tags(key, version, signal),
    put: (key, { bytes, ...write }, condition) => store.put(key, { ...write, body: bodyOf(bytes) }, condition, signal),
    remove: (key, since) => store.remove(key, since, signal),
    versions: (key, cursor) => store.versions(key, cursor, signal),
    list: (query) => store.list(query, signal),
    listVersions: (query) => store.listVersions(query, signal),
    parts: (key, transfer) => store.parts(key, transfer, signal),
    putPart: (key, transfer, number, { bytes, digests }) =>
      store.putPart(key, transfer, number, bodyOf(bytes), digests, signal),
    commit: (key, transfer, parts, write, condition) => store.commit(key, transfer, parts, write, condition, signal),
    discard: (key, transfer) => store.discard(key, transfer, signal),
  }
}

/** In pieces, because no driver may rely on bodies that come whole. */
function bodyOf(bytes: Uint8Array): Body {
  return {
    size: bytes.byteLength,
    async *open() {
      const middle = bytes.byteLength >> 1
      if (middle > 0) yield bytes.subarray(0, middle)
      yield bytes.subarray(middle)
    },
  }
}
