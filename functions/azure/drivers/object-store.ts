import type { ContainerClient } from '@azure/storage-blob'
import type { Clock } from '#shared/kernel/clock.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
import type { RuleId, SiteId } from '#shared/kernel/ids.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { Blocks } from './blocks.ts'
import { list, listVersions, versions } from './histories.ts'
import { get, head, tags } from './reads.ts'
import { azureTraits } from './traits.ts'
import { commit, discard, parts, putPart } from './transfers.ts'
import { Wire } from './wire.ts'
import { put, remove } from './writes.ts'

export interface AzureStoreOptions {
  /** Made by `azureContainer`: the store must see its requests leave. */
  readonly container: ContainerClient
  readonly site: SiteId
  readonly hashing: Hashing
  readonly clock: Clock
  /** Whether the account keeps versions; without them what is overwritten is gone. */
  readonly versioned: boolean
  /** For whom it writes, where that is one rule: the events of its writes are then echoes for that rule. */
  readonly rule?: RuleId
}

/** One container of Azure Blob Storage. It retries nothing and bounds nothing: that is its layers' work. */
export function azureStore(options: AzureStoreOptions): ObjectStore {
  const { container, site, hashing, clock, versioned, rule = null } = options
  const wire = new Wire({ container, site, clock, rule })
  const traits = azureTraits(versioned)
  const here = { wire, hashing, versioned, traits, blocks: new Blocks(hashing, clock) }
  return {
    site,
    traits,
    heard: () => wire.heard(),
    head: async (key, signal, version) => head(here, key, signal, version),
    get: async (key, signal, want = {}) => get(here, key, signal, want),
    tags: async (key, version, signal) => tags(here, key, version, signal),
    put: async (key, write, condition, signal) => put(here, key, write, condition, signal),
    remove: async (key, since, signal) => remove(here, key, since, signal),
    versions: async (key, cursor, signal) => versions(here, key, cursor, signal),
    list: async (query, signal) => list(here, query, signal),
    listVersions: async (query, signal) => listVersions(here, query, signal),
    parts: async (key, transfer, signal) => parts(here, key, transfer, signal),
    putPart: async (key, transfer, number, body, digests, signal) =>
      putPart(here, key, transfer, number, body, digests, signal),
    commit: async (key, transfer, list, write, condition, signal) =>
      commit(here, key, transfer, list, write, condition, signal),
    discard: async (key, transfer, signal) => discard(here, key, transfer, signal),
  }
}
