import type { Attributes, Entry, Upload, UploadPart } from '#local/servers/engine/model.ts'
import type { Algorithm, Checksum, ChecksumType } from './checksums.ts'
import type { Properties } from './properties.ts'

/** What S3 keeps beside the bytes of one version. A delete marker has none. */
export interface ObjectRecord extends Properties {
  /** Without quotes. */
  readonly etag: string
  readonly checksum: Checksum
  /** In their order; `null` where the object came in one request. */
  readonly parts: readonly Run[] | null
}

/** Parts are mostly of one size, and there may be ten thousand. */
export type Run = readonly [size: number, count: number]

export function runsOf(sizes: readonly number[]): Run[] {
  const runs: [number, number][] = []
  for (const size of sizes) {
    const last = runs.at(-1)
    if (last?.[0] === size) last[1] += 1
    else runs.push([size, 1])
  }
  return runs
}

/** The sizes of all parts. */
export function sizesOf(runs: readonly Run[]): number[] {
  return runs.flatMap(([size, count]) => Array.from({ length: count }, () => size))
}

/** What an upload said at its beginning; the rest comes with its parts. */
export interface UploadRecord extends Properties {
  /** `null`: it named none. */
  readonly algorithm: Algorithm | null
  readonly type: ChecksumType
}

/** The engine keeps them as they are; nobody else writes there. */
export function recordOf(entry: Entry): ObjectRecord {
  return entry.attributes as unknown as ObjectRecord
}

export function uploadRecordOf(upload: Upload): UploadRecord {
  return upload.attributes as unknown as UploadRecord
}

export function attributesOf(record: ObjectRecord | UploadRecord): Attributes {
  return record as unknown as Attributes
}

/** A part is told by its number alone. Five digits, so that the order of names is the order of numbers. */
export function partName(number: number): string {
  return String(number).padStart(5, '0')
}

export function partNumber({ name }: UploadPart): number {
  return Number(name)
}

export function partETag({ content }: UploadPart): string {
  return content.sums.md5!
}

export function quoted(etag: string): string {
  return `"${etag}"`
}

/** Clients send ETags with quotes and without. */
export function unquoted(etag: string): string {
  return etag.trim().replace(/^"(.*)"$/, '$1')
}
