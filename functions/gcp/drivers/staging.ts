import { inParallel } from '#shared/kernel/in-parallel.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import { type About, failure, garbled } from './failure.ts'
import { resourceFields, resourceOf } from './meta.ts'
import { listed } from './histories.ts'
import { bucketPath, sentJson, type Wire } from './wire.ts'

/** One object of the control bucket, in exactly this generation. */
export interface Staged {
  readonly name: string
  readonly generation: string
  readonly size: number
  readonly crc32c: string
}

/** https://cloud.google.com/storage/docs/composite-objects */
const sourcesMax = 32
/** Requests under way at once; a bucket takes far more. */
export const atOnce = 16
/** Ten thousand parts fill ten; commits that failed leave some more. */
const pagesMax = 100

export async function stagedBelow(
  wire: Wire,
  about: About,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly Staged[]> {
  const found: Staged[] = []
  let token: string | null = null
  for (let pages = 0; pages < pagesMax; pages++) {
    const goesOn: Readonly<Record<string, string>> = token === null ? {} : { pageToken: token }
    const page = await listed(wire, about, bucket, { prefix, ...goesOn }, signal)
    found.push(...page.resources.map(({ meta }) => stagedOf(about, meta)))
    token = page.next
    if (token === null) return found
  }
  throw failure(about, 'invalid', 'key', `found more than ${pagesMax} pages of objects below ${prefix} in ${bucket}`)
}

/** Names here are ours and spelt like keys. */
function stagedOf(about: About, { key, id, size, digests }: ObjectMeta): Staged {
  if (digests.crc32c === undefined) throw garbled(about, `no CRC32C of ${key}`)
  return { name: key, generation: id, size, crc32c: digests.crc32c }
}

/** One object of all of these, in their order: 32 at a time, and what that makes again. A single one is composed too, so that all look alike. */
export async function assemble(
  wire: Wire,
  about: About,
  bucket: string,
  sources: readonly Staged[],
  prefix: string,
  signal: AbortSignal,
): Promise<Staged> {
  let layer = sources
  for (let level = 1; ; level++) {
    const groups = Array.from({ length: Math.ceil(layer.length / sourcesMax) }, (_, i) =>
      layer.slice(i * sourcesMax, (i + 1) * sourcesMax),
    )
    layer = await inParallel(groups, atOnce, (group, i) =>
      compose(wire, about, bucket, group, `${prefix}${level}-${i}`, signal),
    )
    const [whole, ...others] = layer
    if (whole === undefined) throw failure(about, 'invalid', 'key', 'found no parts, expected at least one')
    if (others.length === 0) return whole
  }
}

/** Each source in the generation that was listed: one that was replaced since is no longer there. */
async function compose(
  wire: Wire,
  about: About,
  bucket: string,
  group: readonly Staged[],
  name: string,
  signal: AbortSignal,
): Promise<Staged> {
  const sourceObjects = group.map(({ name, generation }) => ({ name, generation }))
  const body = sentJson({ sourceObjects, destination: { contentType: 'application/octet-stream' } })
  const query = { ifGenerationMatch: '0', fields: resourceFields }
  const path = bucketPath(bucket, name, 'compose')
  const answer = await wire.ask({ method: 'POST', path, query, body }, about, signal)
  return stagedOf(about, resourceOf(about, answer, null).meta)
}
