import { Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'

export type Verb = Exclude<keyof ObjectStore, 'site' | 'traits' | 'heard'>

/** One request, as a layer sees it. */
export interface Call {
  readonly site: SiteId
  readonly verb: Verb
  /** `null` for listings. */
  readonly key: Key | null
  /** Of the body that it sends. */
  readonly bytes: number
}

/** What a layer does about a call; `act` sends it on, as often as the layer likes. */
export type Around = <T>(call: Call, signal: AbortSignal, act: (signal: AbortSignal) => Promise<T>) => Promise<T>

const writes: ReadonlySet<Verb> = new Set<Verb>(['put', 'remove', 'putPart', 'commit', 'discard'])

export function isWrite(call: Call): boolean {
  return writes.has(call.verb)
}

/** How a call fails that was given up: a write may have been done, or may still be; a read was not answered. */
export function givenUp(call: Call, why: string, cause?: unknown): Failure {
  return new Failure(isWrite(call) ? 'unknown' : 'unreachable', `${nameOf(call)}: ${why}`, {
    site: call.site,
    scope: isWrite(call) ? 'key' : 'site',
    cause,
  })
}

/** The same where the caller had no more time: that says nothing about the site. */
export function leftAlone(call: Call, cause: unknown): Failure {
  const { kind, message } = givenUp(call, 'ended by the caller')
  return new Failure(kind, message, { site: call.site, scope: 'key', cause })
}

/** How a call fails that was never sent: nothing happened, whatever it was. */
export function notSent(call: Call, why: string): Failure {
  return new Failure('unreachable', `${nameOf(call)}: not sent, ${why}`, { site: call.site, scope: 'key' })
}

/** On one line, whatever the key holds: JSON leaves some line breaks as they are. */
function nameOf({ site, verb, key }: Call): string {
  if (key === null) return `${verb} at ${site}`
  const shown = JSON.stringify(key).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) =>
    Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  )
  return `${verb} ${shown} at ${site}`
}

/** The same store, every request of it sent by way of the layer. */
export function around(store: ObjectStore, layer: Around): ObjectStore {
  const { site } = store
  const call = (verb: Verb, key: Key | null, bytes = 0): Call => ({ site, verb, key, bytes })
  return {
    site,
    traits: store.traits,
    heard: () => store.heard(),
    head: (key, signal, version) => layer(call('head', key), signal, (s) => store.head(key, s, version)),
    get: (key, signal, want) => layer(call('get', key), signal, (s) => store.get(key, s, want)),
    tags: (key, version, signal) => layer(call('tags', key), signal, (s) => store.tags(key, version, s)),
    put: (key, write, condition, signal) =>
      layer(call('put', key, write.body.size), signal, (s) => store.put(key, write, condition, s)),
    remove: (key, since, signal) => layer(call('remove', key), signal, (s) => store.remove(key, since, s)),
    versions: (key, cursor, signal) => layer(call('versions', key), signal, (s) => store.versions(key, cursor, s)),
    list: (query, signal) => layer(call('list', null), signal, (s) => store.list(query, s)),
    listVersions: (query, signal) => layer(call('listVersions', null), signal, (s) => store.listVersions(query, s)),
    parts: (key, transfer, signal) => layer(call('parts', key), signal, (s) => store.parts(key, transfer, s)),
    putPart: (key, transfer, number, body, digests, signal) =>
      layer(call('putPart', key, body.size), signal, (s) => store.putPart(key, transfer, number, body, digests, s)),
    commit: (key, transfer, parts, write, condition, signal) =>
      layer(call('commit', key), signal, (s) => store.commit(key, transfer, parts, write, condition, s)),
    discard: (key, transfer, signal) => layer(call('discard', key), signal, (s) => store.discard(key, transfer, s)),
  }
}
