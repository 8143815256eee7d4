import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import { plain } from './address.ts'
import { bucketOf, type Call } from './call.ts'
import { argumentRefused, Refusal } from './errors.ts'
import { checkCustomerKey, checkKms } from './outcomes.ts'
import { ofCopySource, preconditionFailed, unmet } from './preconditions.ts'
import { isArchived, propertiesIn } from './properties.ts'
import { shown } from './reads.ts'
import { recordOf } from './record.ts'

const header = 'x-amz-copy-source'

export interface Source {
  readonly bucket: Bucket
  readonly entry: Entry
  /** Whether a version was named. */
  readonly pinned: boolean
}

/** What is copied, if it may be read and is what the request expects. */
export function sourceOf(call: Call): Source {
  const { name, key, id } = parse(call.headers.get(header) ?? '')
  const bucket = bucketOf(call, name)
  const entry = find(bucket, key, id)
  const place = { bucket: name, key }
  checkCustomerKey(call.outcomes, place, call.headers, `${header}-server-side-encryption-customer-algorithm`)
  checkKms(call.outcomes, place, 'kms:Decrypt')
  const failed = unmet(call.headers, ofCopySource, entry)
  if (failed !== null) throw preconditionFailed(ofCopySource[failed])
  if (isArchived(recordOf(entry))) {
    const message = 'The source is archived: restore it before it is copied.'
    throw new Refusal('ObjectNotInActiveTierError', message)
  }
  return { bucket, entry, pinned: id !== null }
}

/** `bucket/key`, percent-encoded as one; `?versionId=` after it is not. */
function parse(text: string): { name: string; key: string; id: string | null } {
  const [, path = '', id] = /^(.*?)(?:\?versionId=([^?&]*))?$/s.exec(text) ?? []
  const source = plain(path).replace(/^\//, '')
  const slash = source.indexOf('/')
  if (slash < 1 || slash === source.length - 1) {
    throw argumentRefused(header, text, 'the source bucket and key: sourcebucket/sourcekey')
  }
  return { name: source.slice(0, slash), key: source.slice(slash + 1), id: id === undefined ? null : plain(id) }
}

function find(bucket: Bucket, key: string, id: string | null): Entry {
  try {
    return shown(bucket, key, id)
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'MethodNotAllowed') throw error
    const message = 'x-amz-copy-source: found a delete marker, expected a version with content'
    throw new Refusal('InvalidRequest', message)
  }
}

/** Nothing would change: S3 takes that for a mistake. */
export function checkSelfCopy(call: Call, { bucket, entry, pinned }: Source): void {
  const { address, headers } = call
  if (pinned || bucket.name !== address.bucket || entry.key !== address.key) return
  if (headers.get('x-amz-metadata-directive') === 'REPLACE') return
  if (propertiesIn(headers).storageClass !== recordOf(entry).storageClass) return
  const message = 'The copy would change nothing: replace the metadata or name another storage class.'
  throw new Refusal('InvalidRequest', message)
}
