import type { Operation } from '#test/differential/operation.ts'
import type { Stream } from '#test/simulation/random.ts'

/** One version, or the one object of a bucket that keeps none. */
export interface Version {
  /** As requests name it; `''` where the bucket keeps no versions. */
  readonly id: string
  readonly marker: boolean
  readonly etag: string
  /** What made it: a put, a copy, or the beginning of an upload. */
  readonly made: Operation
  /** How many parts; 0 where it came in one request. */
  readonly parts: number
  readonly size: number
  /** Whether the writer stated a checksum of the whole. */
  readonly stated: boolean
  /** Whether it says when it expires. */
  readonly expires: boolean
}

export interface Part {
  readonly etag: string
  readonly size: number
  readonly checksum: string
}

export interface Upload {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly begun: Operation
  readonly algorithm: string | null
  readonly parts: Map<number, Part>
}

export const buckets = ['plain', 'versioned'] as const

/** What a run believes is there, by our own answers. */
export class S3State {
  readonly chance: Stream
  /** Newest first. */
  readonly #keys = new Map<string, Version[]>()
  readonly uploads: Map<string, Upload> = new Map()
  /** Versions that were deleted by their id: names that were good once. */
  readonly gone: { readonly bucket: string; readonly key: string; readonly id: string }[] = []
  /** A listing that was cut. */
  cut: Operation | null = null

  constructor(chance: Stream) {
    this.chance = chance
  }

  versions(bucket: string, key: string): Version[] {
    return this.#keys.get(`${bucket}/${key}`) ?? []
  }

  live(bucket: string, key: string): Version | null {
    const [newest] = this.versions(bucket, key)
    return newest === undefined || newest.marker ? null : newest
  }

  add(bucket: string, key: string, version: Version): void {
    const kept = bucket === 'plain' ? [] : this.versions(bucket, key)
    this.#keys.set(`${bucket}/${key}`, [version, ...kept])
  }

  remove(bucket: string, key: string, id: string | null): void {
    const all = this.versions(bucket, key)
    const left = id === null ? [] : all.filter((one) => one.id !== id)
    this.#keys.set(`${bucket}/${key}`, left)
    if (id !== null && left.length < all.length) this.gone.push({ bucket, key, id })
    if (this.gone.length > 20) this.gone.shift()
  }

  forget(bucket: string, key: string): void {
    this.#keys.delete(`${bucket}/${key}`)
    for (const { id, ...upload } of this.uploads.values()) {
      if (upload.bucket === bucket && upload.key === key) this.uploads.delete(id)
    }
  }

  /** Keys that show an object. */
  shown(bucket: string): string[] {
    return [...this.#keys].flatMap(([place, [newest]]) =>
      place.startsWith(`${bucket}/`) && newest !== undefined && !newest.marker ? [place.slice(bucket.length + 1)] : [],
    )
  }

  /** Everything that has a version to be named. */
  all(bucket: string): { readonly key: string; readonly version: Version }[] {
    return [...this.#keys].flatMap(([place, versions]) =>
      place.startsWith(`${bucket}/`)
        ? versions.map((version) => ({ key: place.slice(bucket.length + 1), version }))
        : [],
    )
  }
}
