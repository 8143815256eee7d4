import type { Content, Entry, Transaction } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { documentOf } from './bodies.ts'
import { type Call, containerOf, httpDate, quoted, saidInXml } from './calls.ts'
import { crc64Wire, md5Of, md5Wire } from './checksums.ts'
import { checkRead, conditionsOf } from './conditions.ts'
import { plainType } from './content-headers.ts'
import { parameterRefused, Refusal } from './errors.ts'
import { checkReadLease } from './lease.ts'
import { draftOf, write, written } from './put-blob.ts'
import { type Block, blockContents, blocksOf, blocksText, recordOf } from './record.ts'
import { blocksName } from './succession.ts'
import { element, parseXml, prolog, text } from './xml.ts'

const blocksMax = 50_000
const listBytesMax = 16 * 1024 * 1024

/** Put Block List: the blob becomes these blocks, in this order; what else waited is forgotten. An MD5 of it is kept as it is stated. */
export async function putBlockList(call: Call): Promise<Answer> {
  containerOf(call)
  const { document, sums } = await documentOf(call, listBytesMax)
  const wanted = wantedOf(document)
  const draft = draftOf(call, false)
  const headers = { type: plainType, ...draft.headers }
  const md5 = md5Of(call.header('x-ms-blob-content-md5'))
  const entry = write(call, (change, former) => {
    const chosen = choose(change, call, former, wanted)
    const content = call.service.engine.join(chosen.map(({ content }) => content))
    return { draft: { ...draft, headers, md5, blocks: blocksText(chosen.map(({ block }) => block)) }, content }
  })
  // Of the list itself, for who sent it to compare: by the sum that came with it.
  const sum =
    call.header('content-md5') === undefined
      ? { 'x-ms-content-crc64': crc64Wire(sums) }
      : { 'content-md5': md5Wire(sums) }
  return written(call, entry, sum)
}

interface Wanted {
  readonly from: 'Committed' | 'Uncommitted' | 'Latest'
  readonly id: string
}

function wantedOf(document: string): Wanted[] {
  const root = parseXml(document)
  if (root.name !== 'BlockList') throw new Refusal('InvalidXmlDocument')
  if (root.nodes.length > blocksMax) throw new Refusal('BlockListTooLong')
  return root.nodes.map(({ name, text }) => {
    if (name !== 'Committed' && name !== 'Uncommitted' && name !== 'Latest') throw new Refusal('InvalidXmlDocument')
    return { from: name, id: text.trim() }
  })
}

interface Chosen {
  readonly block: Block
  readonly content: Content
}

/** `Latest` is what waits, or else what was committed. */
function choose(change: Transaction, call: Call, former: Entry | null, wanted: readonly Wanted[]): Chosen[] {
  const parts = change.parts(blocksName(call.address.blob))
  const waiting = new Map(parts.map(({ name, content }) => [name, content]))
  const committed = former === null ? new Map<string, Content>() : blockContents(former)
  return wanted.map(({ from, id }) => {
    const fresh = from === 'Committed' ? undefined : waiting.get(id)
    const content = fresh ?? (from === 'Uncommitted' ? undefined : committed.get(id))
    if (content === undefined) throw new Refusal('InvalidBlockList')
    return { block: { id, size: content.size, pieces: content.pieces.length }, content }
  })
}

const listTypes: ReadonlySet<string> = new Set(['committed', 'uncommitted', 'all'])

/** Get Block List: of a blob, or of a name under which only blocks wait. */
export function getBlockList(call: Call): Answer {
  const bucket = containerOf(call)
  const type = (call.query.get('blocklisttype') ?? 'committed').toLowerCase()
  if (!listTypes.has(type)) throw parameterRefused('blocklisttype', type)
  const name = blocksName(call.address.blob)
  const live = bucket.live(call.address.blob)
  if (live === null && bucket.upload(name) === null) throw new Refusal('BlobNotFound')
  const record = live === null ? null : recordOf(live)
  checkReadLease(record?.lease ?? null, call.header('x-ms-lease-id'), call.nowMs)
  if (live !== null && record !== null) {
    checkRead(conditionsOf(call.header), { etag: record.etag, modifiedMs: live.dateMs })
  }
  const committed = record === null ? [] : blocksOf(record)
  const waiting = bucket.parts(name).map(({ name, content }) => ({ id: name, size: content.size }))
  const lists = [
    type === 'uncommitted' ? '' : blockElements('CommittedBlocks', committed),
    type === 'committed' ? '' : blockElements('UncommittedBlocks', waiting),
  ]
  return saidInXml(`${prolog}${element('BlockList', lists.join(''))}`, live === null ? {} : blobHeadersOf(live))
}

function blobHeadersOf(live: Entry): Record<string, string> {
  return {
    etag: quoted(recordOf(live).etag),
    'last-modified': httpDate(live.dateMs),
    'x-ms-blob-content-length': String(live.content.size),
  }
}

function blockElements(list: string, blocks: readonly Pick<Block, 'id' | 'size'>[]): string {
  const one = ({ id, size }: Pick<Block, 'id' | 'size'>) =>
    element('Block', `${element('Name', text(id))}${element('Size', String(size))}`)
  return element(list, blocks.map(one).join(''))
}
