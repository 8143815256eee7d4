import type { Operation } from '#test/differential/operation.ts'
import type { Stream } from '#test/simulation/random.ts'

export interface Generation {
  /** As requests name it. */
  readonly id: string
  live: boolean
  readonly size: number
  readonly made: Operation
}

export interface Session {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly began: Operation
}

export const buckets = ['plain', 'versioned'] as const

/** What a run believes is there, by our own answers. */
export class GcsState {
  readonly chance: Stream
  /** Oldest first, as listings have them. */
  readonly #keys = new Map<string, Generation[]>()
  readonly sessions: Map<string, Session> = new Map()
  /** How many bytes of a session have come. */
  readonly pieces: Map<string, number> = new Map()
  cut: Operation | null = null

  constructor(chance: Stream) {
    this.chance = chance
  }

  generations(bucket: string, key: string): readonly Generation[] {
    return this.#keys.get(`${bucket}/${key}`) ?? []
  }

  live(bucket: string, key: string): Generation | null {
    return this.generations(bucket, key).find(({ live }) => live) ?? null
  }

  add(bucket: string, key: string, generation: Generation): void {
    this.cover(bucket, key)
    this.#keys.set(`${bucket}/${key}`, [...this.generations(bucket, key), generation])
  }

  /** What shows shows no more. */
  cover(bucket: string, key: string): void {
    const all = this.generations(bucket, key)
    for (const one of all) one.live = false
    if (bucket === 'plain') this.#keys.delete(`${bucket}/${key}`)
  }

  remove(bucket: string, key: string, id: string): void {
    this.#keys.set(
      `${bucket}/${key}`,
      this.generations(bucket, key).filter((one) => one.id !== id),
    )
  }

  forget(bucket: string, key: string): void {
    this.#keys.delete(`${bucket}/${key}`)
    for (const [id, session] of this.sessions)
      if (session.key === key && session.bucket === bucket) this.sessions.delete(id)
  }

  shown(bucket: string): string[] {
    return [...this.#keys].flatMap(([place, all]) =>
      place.startsWith(`${bucket}/`) && all.some(({ live }) => live) ? [place.slice(bucket.length + 1)] : [],
    )
  }

  all(bucket: string): { readonly key: string; readonly generation: Generation }[] {
    return [...this.#keys].flatMap(([place, all]) =>
      place.startsWith(`${bucket}/`)
        ? all.map((generation) => ({ key: place.slice(bucket.length + 1), generation }))
        : [],
    )
  }
}
