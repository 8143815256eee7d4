import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketFactsOf } from './bucket-facts.ts'
import type { Call } from './call.ts'
import { change, type Cloud, entryNamed, store } from './cloud.ts'
import { customerKeyOf, unlock } from './encryption.ts'
import { factsOf, type Said } from './facts.ts'
import { json } from './json.ts'
import { objectName } from './names.ts'
import { check, preconditionsOf } from './preconditions.ts'
import { generationAsked } from './reads.ts'
import { refuseParameter } from './refusals.ts'
import { bucketFor } from './requester.ts'
import { resourceOf } from './resource.ts'
import { parseJson, parseObjectBody, saidOf } from './said.ts'
import { keysOf } from './uploads.ts'

const mebibyte = 1024 * 1024

export interface Place {
  readonly bucket: string
  readonly key: string
}

/** Where a copy in several calls stands: which generation it copies, and how much of it is done. It travels as the token. */
interface Progress {
  readonly generation: string
  readonly bytes: number
}

/** What is to be copied to where. */
interface Copy {
  readonly found: Entry
  readonly target: Bucket
  readonly key: string
  readonly body: unknown
}

/** `copyTo`: a copy within the store, in one call; no byte moves. */
export async function copyObject(cloud: Cloud, from: Place, to: Place, call: Call): Promise<Answer> {
  const copy = await copyOf(cloud, from, to, call, generationAsked(call, 'sourceGeneration'))
  return json(resourceOf(call.base, copy.target, made(cloud, copy, call), true))
}

/** `rewriteTo`: the same, which takes more than one call only where `maxBytesRewrittenPerCall` says so. */
export async function rewriteObject(cloud: Cloud, from: Place, to: Place, call: Call): Promise<Answer> {
  const begun = progressOf(call.query('rewriteToken'))
  const copy = await copyOf(cloud, from, to, call, begun?.generation ?? generationAsked(call, 'sourceGeneration'))
  const { size } = copy.found.content
  const bytes = Math.min((begun?.bytes ?? 0) + bytesPerCall(call), size)
  if (bytes < size) return unfinished(copy.found, bytes)
  const resource = resourceOf(call.base, copy.target, made(cloud, copy, call), true)
  const told = { objectSize: String(size), totalBytesRewritten: String(size), done: true, resource }
  return json({ kind: 'storage#rewriteResponse', ...told })
}

async function copyOf(cloud: Cloud, from: Place, to: Place, call: Call, generation: string | null): Promise<Copy> {
  const body = parseJson(await call.text())
  const found = entryNamed(bucketFor(cloud, from.bucket, call), from.key, generation)
  check(preconditionsOf(call.query, 'ifSource'), found)
  unlock(found, customerKeyOf(call.header, 'x-goog-copy-source-encryption'), cloud.kmsKeys)
  return { found, target: bucketFor(cloud, to.bucket, call), key: objectName(to.key), body }
}

/** Nothing is waited for since the source was found, so it is still there. */
function made(cloud: Cloud, { found, target, key, body }: Copy, call: Call): Entry {
  const { md5, componentCount } = factsOf(found)
  const keys = keysOf(cloud, target, call, 'destinationKmsKeyName')
  const birth = { key, content: found.content, said: copiedSaid(target, found, body), md5, componentCount, ...keys }
  return change(cloud, target, key, (change) => store(target, change, birth, preconditionsOf(call.query, 'if')))
}

/** A resource that says anything says everything; without one the copy says what its source says, in its own bucket's class. */
function copiedSaid(target: Bucket, source: Entry, body: unknown): Said {
  const { storageClass } = bucketFactsOf(target)
  const saysNothing = typeof body !== 'object' || body === null || Object.keys(body).length === 0
  if (!saysNothing) return saidOf(parseObjectBody(body), { storageClass })
  const { fields, metadata } = factsOf(source)
  return { fields, metadata, storageClass }
}

function bytesPerCall(call: Call): number {
  const text = call.query('maxBytesRewrittenPerCall')
  if (text === null) return Infinity
  const bytes = Number(text)
  if (!Number.isSafeInteger(bytes) || bytes < mebibyte || bytes % mebibyte !== 0)
    refuseParameter('maxBytesRewrittenPerCall', text, 'a multiple of 1 MiB')
  return bytes
}

function unfinished(source: Entry, bytes: number): Answer {
  const token: Progress = { generation: source.id, bytes }
  return json({
    kind: 'storage#rewriteResponse',
    objectSize: String(source.content.size),
    totalBytesRewritten: String(bytes),
    done: false,
    rewriteToken: Buffer.from(JSON.stringify(token)).toString('base64url'),
  })
}

function progressOf(token: string | null): Progress | null {
  if (token === null) return null
  try {
    const progress = JSON.parse(Buffer.from(token, 'base64url').toString()) as Partial<Progress> | null
    const { generation, bytes } = progress ?? {}
    if (typeof generation === 'string' && typeof bytes === 'number' && bytes >= 0) return { generation, bytes }
  } catch {
    // Not a token of ours: refused below.
  }
  return refuseParameter('rewriteToken', token, 'the token of the answer before')
}
