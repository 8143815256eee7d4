import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketFactsOf } from './bucket-facts.ts'
import type { Call } from './call.ts'
import { promisedInHeaders, verify } from './checksums.ts'
import { type Cloud, changeWith, entryNamed, store } from './cloud.ts'
import { factsOf, md5Of, type Said } from './facts.ts'
import { headerText, textOfHeader } from './header-text.ts'
import { objectName } from './names.ts'
import { xmlPreconditionsOf } from './preconditions.ts'
import { generationAsked, headersOf, media } from './reads.ts'
import { refuse } from './refusals.ts'
import { etagOf, googHashOf } from './resource.ts'
import { limited, parseObjectBody, saidOf } from './said.ts'
import { keysOf } from './uploads.ts'

const metadataPrefix = 'x-goog-meta-'

/** GET and HEAD alike: the kit leaves out the body. */
export function getXmlObject(cloud: Cloud, bucket: Bucket, key: string, call: Call): Answer {
  const entry = entryNamed(bucket, key, generationAsked(call))
  const metadata = Object.entries(factsOf(entry).metadata).filter(([name]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name))
  const headers = metadata.map(([name, value]) => [`${metadataPrefix}${name}`, headerText(value)] as const)
  const extra = { ...Object.fromEntries(headers), etag: xmlEtagOf(entry) }
  return media(cloud, entry, call, xmlPreconditionsOf(call.header), extra)
}

export async function putXmlObject(cloud: Cloud, bucket: Bucket, key: string, call: Call): Promise<Answer> {
  if (call.header('x-goog-copy-source') !== null) refuse('notImplemented', 'Copies are made by the JSON API here.')
  const name = objectName(key)
  const said = saidInHeaders(bucket, call)
  const preconditions = xmlPreconditionsOf(call.header)
  const keys = keysOf(cloud, bucket, call)
  const content = await cloud.engine.take(call.body, ['crc32c', 'md5'])
  const md5 = md5Of(content)
  const birth = { key: name, content, said, md5, componentCount: null, ...keys }
  const entry = await changeWith(cloud, bucket, birth, (change) => {
    verify(promisedInHeaders(call.header), content, md5)
    return store(bucket, change, birth, preconditions)
  })
  return { status: 200, headers: storedHeaders(entry), body: null }
}

/** What an upload of the XML API says of its object. */
export function saidInHeaders(bucket: Bucket, call: Call): Said {
  const text = (name: string) => {
    const value = call.header(name)
    return value === null ? null : textOfHeader(value)
  }
  const body = parseObjectBody({
    cacheControl: text('cache-control'),
    contentDisposition: text('content-disposition'),
    contentEncoding: text('content-encoding'),
    contentLanguage: text('content-language'),
    contentType: text('content-type'),
    customTime: text('x-goog-custom-time'),
    storageClass: call.header('x-goog-storage-class'),
  })
  const metadata = call.headersBelow(metadataPrefix).map(([name, value]) => [name, textOfHeader(value)] as const)
  return { ...saidOf(body, { storageClass: bucketFactsOf(bucket).storageClass }), metadata: limited(new Map(metadata)) }
}

export function storedHeaders(entry: Entry): Record<string, string> {
  const all = headersOf(entry)
  const told = Object.entries(all).filter(([name]) => name.startsWith('x-goog-'))
  return { ...Object.fromEntries(told), 'x-goog-hash': googHashOf(entry), etag: xmlEtagOf(entry) }
}

/** The MD5 where there is one. */
function xmlEtagOf(entry: Entry): string {
  const { md5 } = factsOf(entry)
  return md5 === null ? `"${etagOf(entry)}"` : `"${Buffer.from(md5, 'base64').toString('hex')}"`
}
