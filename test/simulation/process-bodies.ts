import type { Body, ObjectStore } from '#shared/ports/object-store.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { Process } from './process.ts'
import { nothing } from './timeline.ts'
import { forever } from './wire.ts'
import type { Surroundings } from './surroundings.ts'

/** Bodies on their way: they take time, arrive changed or broken, and a process may die while it waits for one. */
export function bodies(store: ObjectStore, world: Surroundings, process: Process): ObjectStore {
  const { weather, timeline } = world
  const partBytes = process.core.limits.partBytes
  const flips = () => weather.bodyFault(store.site, 'flip-write', timeline.nowMs)
  return {
    ...store,
    get: async (key, signal, want) => {
      if (want?.range !== undefined) process.partRead(want.range.start / partBytes)
      const reading = (process.reading =
        want?.range !== undefined ? 'range' : want?.version === undefined ? 'shown' : 'pinned')
      const found = await store.get(key, signal, want)
      if (found === null) return null
      // What its own store vouches for by no checksum, nobody can check on the wire: such copies say `unverified`, and here arrive unchanged.
      const checked = Object.keys(found.meta.digests).length > 0
      return { meta: found.meta, body: arriving(found.body, { checked, reading }, store, world, process) }
    },
    put: (key, write, condition, signal) =>
      store.put(key, flips() ? { ...write, body: flipped(write.body) } : write, condition, signal),
    putPart: (key, transfer, number, body, digests, signal) => {
      process.partSent(number - 1)
      return store.putPart(key, transfer, number, flips() ? flipped(body) : body, digests, signal)
    },
  }
}

function arriving(
  body: AsyncIterable<Uint8Array>,
  about: { readonly checked: boolean; readonly reading: string },
  store: ObjectStore,
  world: Surroundings,
  process: Process,
): AsyncIterable<Uint8Array> {
  const { weather, timeline } = world
  return {
    async *[Symbol.asyncIterator]() {
      for await (const chunk of body) {
        if (process.called('body', `body ${about.reading}`) !== 'lives') await forever()
        await pause(world, process, store.site === process.cloud ? 1 : 8)
        if (weather.bodyFault(store.site, 'broken-read', timeline.nowMs)) {
          throw new Failure('unreachable', 'body: connection reset', { site: store.site })
        }
        yield about.checked && weather.bodyFault(store.site, 'flip-read', timeline.nowMs) ? flip(chunk) : chunk
      }
    },
  }
}

function pause({ timeline }: Surroundings, process: Process, ms: number): Promise<void> {
  return new Promise((resolve) => {
    timeline.after(ms, () => (process.dead ? nothing : resolve()))
  })
}

function flipped(body: Body): Body {
  return {
    size: body.size,
    async *open() {
      for await (const chunk of body.open()) yield flip(chunk)
    },
  }
}

function flip(chunk: Uint8Array): Uint8Array {
  const copy = chunk.slice()
  if (copy.length > 0) copy[copy.length >> 1]! ^= 1
  return copy
}
