import { sameStamp, type Stamp } from '#shared/kernel/stamp.ts'
import type { Sight } from './model.ts'

/** What the source shows, as far as the route takes it: `null` where there is nothing, or nothing that passes its filters. */
export interface Original {
  readonly stamp: Stamp
  /** Digest of headers and user metadata: some clouds change them in place. */
  readonly properties: string
}

export interface RouteTerms {
  readonly deletes: boolean | 'seen'
  readonly foreign: 'leave' | 'replace'
}

export type MirrorVerdict = 'agreed' | 'write' | 'remove' | 'foreign' | 'kept'

/** The target shows what the source shows now. `seen`: an event said that a user deleted it. */
export function decideMirror(
  original: Original | null,
  target: Sight,
  terms: RouteTerms,
  seen: boolean,
): MirrorVerdict {
  if (target.shows === 'nothing') return original === null ? 'agreed' : 'write'
  if (target.shows === 'native') return original !== null && terms.foreign === 'replace' ? 'write' : foreign(original)
  if (original !== null) return isCopyOf(target, original) ? 'agreed' : 'write'
  return terms.deletes === true || (terms.deletes === 'seen' && seen) ? 'remove' : 'kept'
}

/** Where the source shows nothing either, what lies at the target is nobody's business. */
function foreign(original: Original | null): MirrorVerdict {
  return original === null ? 'agreed' : 'foreign'
}

function isCopyOf(target: Extract<Sight, { shows: 'replica' }>, original: Original): boolean {
  return sameStamp(target.stamp, original.stamp) && target.content.properties === original.properties
}
