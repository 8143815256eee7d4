/** A store that is made at its first request: until then only what it is like is known, and nothing of its SDK is loaded. */
import type { SiteId } from '#shared/kernel/ids.ts'
import type { ObjectStore, Traits } from '#shared/ports/object-store.ts'

export function deferred(site: SiteId, traits: Traits, make: () => Promise<ObjectStore>): ObjectStore {
  let made: ObjectStore | null = null
  let making: Promise<ObjectStore> | null = null
  const store = (): Promise<ObjectStore> => {
    making ??= make().then(
      (store) => (made = store),
      (thrown: unknown) => {
        making = null // What kept it from being made may have passed when it is asked again.
        throw thrown
      },
    )
    return making
  }
  return {
    site,
    traits,
    heard: () => made?.heard() ?? null,
    head: async (...call) => (await store()).head(...call),
    get: async (...call) => (await store()).get(...call),
    tags: async (...call) => (await store()).tags(...call),
    put: async (...call) => (await store()).put(...call),
    remove: async (...call) => (await store()).remove(...call),
    versions: async (...call) => (await store()).versions(...call),
    list: async (...call) => (await store()).list(...call),
    listVersions: async (...call) => (await store()).listVersions(...call),
    parts: async (...call) => (await store()).parts(...call),
    putPart: async (...call) => (await store()).putPart(...call),
    commit: async (...call) => (await store()).commit(...call),
    discard: async (...call) => (await store()).discard(...call),
  }
}
