import type { Answer } from '#local/servers/http/answer.ts'
import { accountInformation, listContainers, serviceProperties } from './account.ts'
import { getBlockList, putBlockList } from './block-lists.ts'
import { putBlock } from './blocks.ts'
import type { Call } from './calls.ts'
import { getTags, setMetadata, setProperties, setTags, setTier } from './changes.ts'
import { createContainer, deleteContainer, getContainer, setContainerMetadata } from './containers.ts'
import { copyBlob, putBlobFrom, putBlockFrom } from './copies.ts'
import { parameterRefused, Refusal } from './errors.ts'
import { setImmutability, setLegalHold } from './holds.ts'
import { leaseBlob } from './leases.ts'
import { listBlobs } from './listing.ts'
import { putBlob } from './put-blob.ts'
import { getBlob, getProperties } from './reads.ts'
import { deleteBlob, undeleteBlob } from './removals.ts'
import { snapshotBlob } from './snapshots.ts'

type Verb = (call: Call) => Answer | Promise<Answer>

/** By method and `comp`; a HEAD is answered as a GET, without its body. */
const ofBlob: Readonly<Record<string, Verb>> = {
  'GET ': getBlob,
  'HEAD ': getProperties,
  'GET metadata': getProperties,
  'PUT ': (call) => {
    if (call.header('x-ms-copy-source') === undefined) return putBlob(call)
    return call.header('x-ms-blob-type') === undefined ? copyBlob(call) : putBlobFrom(call)
  },
  'PUT block': (call) => (call.header('x-ms-copy-source') === undefined ? putBlock(call) : putBlockFrom(call)),
  'PUT blocklist': putBlockList,
  'GET blocklist': getBlockList,
  'PUT metadata': setMetadata,
  'PUT properties': setProperties,
  'PUT tier': setTier,
  'PUT tags': setTags,
  'GET tags': getTags,
  'PUT lease': leaseBlob,
  'PUT snapshot': snapshotBlob,
  'PUT undelete': undeleteBlob,
  'PUT legalhold': setLegalHold,
  'PUT immutabilitypolicies': setImmutability,
  'DELETE immutabilitypolicies': setImmutability,
  'DELETE ': deleteBlob,
}

/** What can be asked of a version or a snapshot; everything else is of the blob itself. */
const ofVersions: ReadonlySet<Verb | undefined> = new Set<Verb>([
  getBlob,
  getProperties,
  getTags,
  setTags,
  setTier,
  setLegalHold,
  setImmutability,
  deleteBlob,
])

const ofContainer: Readonly<Record<string, Verb>> = {
  'PUT ': createContainer,
  'GET ': getContainer,
  'GET metadata': getContainer,
  'PUT metadata': setContainerMetadata,
  'DELETE ': deleteContainer,
  'GET list': listBlobs,
}

const ofAccount: Readonly<Record<string, Verb>> = {
  'GET list': listContainers,
  'GET properties': serviceProperties,
}

/** Whoever sends these would be harmed if they were overlooked: bodies in frames, conditions on tags, encryption scopes. */
const unknown = ['x-ms-structured-body', 'x-ms-if-tags', 'x-ms-source-if-tags', 'x-ms-encryption-scope'] as const

/** Finds what answers the request. What Azure does and this does not says so, and is never taken for something else. */
export function verbOf({ address, query, header, request: { method } }: Call): Verb {
  for (const name of unknown)
    if (header(name) !== undefined) throw new Refusal('UnsupportedHeader', { HeaderName: name })
  const comp = query.get('comp')?.toLowerCase() ?? ''
  const restype = query.get('restype')?.toLowerCase() ?? ''
  if (restype === 'account' && comp === 'properties') return accountInformation
  const table = address.blob !== '' ? ofBlob : restype === 'container' ? ofContainer : ofAccount
  if (table === ofAccount && address.container !== '') throw new Refusal('InvalidUri')
  const verb = table[`${method} ${comp}`] ?? (method === 'HEAD' ? table[`GET ${comp}`] : undefined)
  if (verb === undefined) throw new Refusal(comp === '' ? 'UnsupportedHttpVerb' : 'NotImplemented')
  for (const name of ['versionid', 'snapshot']) {
    const id = query.get(name)
    if (id !== undefined && !ofVersions.has(verb)) throw parameterRefused(name, id, 'Only the blob itself takes this.')
  }
  return verb
}
