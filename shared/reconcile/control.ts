import { asFailure } from '#shared/kernel/failure.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Found, ObjectStore } from '#shared/ports/object-store.ts'
import { noteOf, textOf } from '#shared/ports/text.ts'
import type { Core } from '#shared/replication/core.ts'
import { load } from '#shared/replication/load.ts'

/** A text in a control bucket, and the version for the condition of the next write. */
export interface Kept {
  /** `null` where it is longer than anything we write, or not the bytes that the store vouches for: it may be written over. */
  readonly text: string | null
  readonly version: Version
}

/** What Isobar keeps for itself lies under one prefix; a part of a name that is not an id comes as a digest. */
export function controlKey(...names: readonly string[]): Key {
  return parseKey(
    ['reconcile', ...names.map((name) => name.replaceAll('/', '_').replaceAll('+', '-').replaceAll('=', ''))].join('/'),
  )
}

/** `null` where there is none. */
export async function readText(
  core: Core,
  store: ObjectStore,
  key: Key,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Kept | null> {
  const found = await store.get(key, signal)
  if (found === null) return null
  const { version, size } = found.meta
  return { text: size > bytesMax ? null : await soundText(core, store, found, signal), version }
}

async function soundText(core: Core, store: ObjectStore, found: Found, signal: AbortSignal): Promise<string | null> {
  try {
    const { body } = await load(core, store, found, [], signal)
    return await textOf(body.open())
  } catch (thrown) {
    const failure = asFailure(thrown)
    if (failure.kind === 'corrupt') return null
    throw failure
  }
}

/** Writes under the condition of what was read; throws `conflict` where another writer was faster. */
export async function writeText(
  core: Core,
  store: ObjectStore,
  key: Key,
  text: string,
  over: Version | null,
  signal: AbortSignal,
): Promise<void> {
  const condition = over === null ? ({ if: 'absent' } as const) : ({ if: 'unchanged', since: over } as const)
  await store.put(key, noteOf(text, store, core.hashing), condition, signal)
}
