import type { Content, Engine, Sum, Sums } from '#local/servers/engine/model.ts'
import { Summing } from '#local/servers/engine/sums.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketOf, type Call, xmlAnswer } from './call.ts'
import { algorithmNamed, algorithms, type Checksum, elementOf, wholeChecksum } from './checksums.ts'
import { checkSelfCopy, type Source, sourceOf } from './copy-source.ts'
import { Refusal } from './errors.ts'
import { checkKms } from './outcomes.ts'
import { checkWrite } from './preconditions.ts'
import { describedIn, directiveIn, type Properties, storageClassIn, tagsIn } from './properties.ts'
import { quoted, recordOf } from './record.ts'
import { versionHeader, versioningOf, wholeSecond } from './versioning.ts'
import { arrivalOf, recordFor, settle } from './writes.ts'
import { element, type Markup, root } from './xml.ts'

const copyBytesMax = 5 * 1024 ** 3

/** A copy is one upload again: dated now, one part, its ETag the MD5 of all, whatever the source was. */
export async function copyObject(call: Call): Promise<Answer> {
  const bucket = bucketOf(call)
  checkKms(call.outcomes, { bucket: bucket.name, key: call.address.key }, 'kms:GenerateDataKey')
  const source = sourceOf(call)
  checkSelfCopy(call, source)
  checkSize(source.entry.content)
  const properties = propertiesFor(call, source)
  const arrival = arrivalOf(call, bucket)
  checkWrite(call.address.key, arrival.condition, arrival.before.live, false)
  const algorithm = algorithmFor(call, source)
  const content = await summed(call.engine, source.entry.content, ['md5', algorithms[algorithm].sum])
  const record = recordFor(properties, content, wholeChecksum(content, algorithm))
  const id = settle(call, bucket, arrival, content, record)
  return xmlAnswer(
    root(
      'CopyObjectResult',
      element('ETag', quoted(record.etag)),
      element('LastModified', new Date(wholeSecond(call.now())).toISOString()),
      ...checksumElements(record.checksum),
      element('ChecksumType', record.checksum.type),
    ),
    { ...versionHeader(bucket, id), ...sourceHeader(source) },
  )
}

export function sourceHeader({ bucket, entry }: Source): Record<string, string> {
  return versioningOf(bucket) === 'off' ? {} : { 'x-amz-copy-source-version-id': entry.id }
}

export function checksumElements({ algorithm, value }: Checksum): Markup[] {
  return [element(elementOf(algorithm), value)]
}

function checkSize({ size }: Content): void {
  if (size <= copyBytesMax) return
  const message = `x-amz-copy-source: found ${size} bytes, expected at most ${copyBytesMax}: copy larger objects in parts`
  throw new Refusal('InvalidRequest', message)
}

function propertiesFor({ headers }: Call, { entry }: Source): Properties {
  const from = recordOf(entry)
  const described = directiveIn(headers, 'x-amz-metadata-directive') === 'REPLACE' ? describedIn(headers) : from
  const tags = directiveIn(headers, 'x-amz-tagging-directive') === 'REPLACE' ? tagsIn(headers) : from.tags
  const { metadata } = described
  return { headers: described.headers, metadata, tags, storageClass: storageClassIn(headers) }
}

/** The one asked for, else the source's own. */
function algorithmFor({ headers }: Call, { entry }: Source): Checksum['algorithm'] {
  const named = headers.get('x-amz-checksum-algorithm')
  return named === undefined ? recordOf(entry).checksum.algorithm : algorithmNamed(named, 'x-amz-checksum-algorithm')
}

/** The same content with these sums: read through where it lacks one, as it does an MD5 if it was put together from parts. */
export async function summed(engine: Engine, content: Content, sums: readonly Sum[]): Promise<Content> {
  const missing = sums.filter((sum) => content.sums[sum] === undefined)
  if (missing.length === 0) return content
  const summing = await Summing.of(missing)
  for await (const bytes of engine.read(content)) summing.update(bytes)
  const all: Sums = { ...content.sums, ...summing.digest() }
  return { size: content.size, sums: all, pieces: content.pieces }
}
