import { Failure, type FailureDetails } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Draft } from './entry.ts'
import type { Profile } from './profiles.ts'

const encoder = new TextEncoder()

function bytesOf(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return encoder.encode(text).byteLength
  return text.length
}

/** Names and values together, as all three clouds count. */
function metadataBytes(metadata: Readonly<Record<string, string>>): number {
  let bytes = 0
  for (const name in metadata) bytes += bytesOf(name) + bytesOf(metadata[name]!)
  return bytes
}

export function refuseWideMetadata(
  profile: Profile,
  key: Key,
  metadata: Readonly<Record<string, string>>,
  details: FailureDetails,
): void {
  const bytes = metadataBytes(metadata)
  const most = profile.traits.metadataBytesMax
  if (bytes > most) {
    throw new Failure('invalid', `metadata of ${key}: found ${bytes} bytes, expected at most ${most}`, details)
  }
}

export function refuseManyTags(
  profile: Profile,
  key: Key,
  tags: Readonly<Record<string, string>>,
  details: FailureDetails,
): void {
  const count = Object.keys(tags).length
  if (count > profile.tagsMax) {
    throw new Failure('invalid', `tags of ${key}: found ${count}, expected at most ${profile.tagsMax}`, details)
  }
}

/** Refuses what this store cannot hold, and what did not arrive as it was sent. */
export function refuseUnfit(profile: Profile, key: Key, draft: Draft, details: FailureDetails): void {
  refuseWideMetadata(profile, key, draft.metadata, details)
  refuseManyTags(profile, key, draft.tags, details)
  const size = draft.content.bytes.byteLength
  const most = profile.traits.objectBytesMax
  if (size > most) throw new Failure('invalid', `${key}: found ${size} bytes, expected at most ${most}`, details)
}

export function refuseChanged(
  what: string,
  { content, digests }: Pick<Draft, 'content' | 'digests'>,
  details: FailureDetails,
): void {
  const algorithm = content.differsFrom(digests)
  if (algorithm === null) return
  const found = content.digest(algorithm)
  throw new Failure('corrupt', `${what}: found ${algorithm} ${found}, expected ${digests[algorithm]}`, details)
}
