import { edit, type Variant } from './variant.ts'

/** Whose version it is, and what lies below it. */
export const marks: readonly Variant[] = [
  {
    name: 'mark-of-any-age',
    laws: [2, 3, 5],
    why: 'an old version that a user restored, mark and all, is taken for the replica that it once was',
    edits: edit(
      'believe',
      `return native // No write of ours lands so late`,
      `return { is: 'replica', mark } // No write of ours lands so late`,
    ),
  },
  {
    name: 'mark-of-another-key',
    laws: [2, 3, 5],
    why: 'a replica that a user copied to another key is taken for a replica there',
    edits: edit('believe', `if (mark.key !== bearer.keyDigest) return native`, ``),
  },
  {
    name: 'mark-of-changed-bytes',
    laws: [2, 3, 5],
    why: 'bytes that a user changed under a mark are taken for the copy',
    edits: edit(
      'believe',
      `if (mark.algorithm !== bearer.algorithm || bearer.meta.digests[mark.algorithm] !== mark.content) return native`,
      ``,
    ),
  },
  {
    name: 'mark-of-changed-metadata',
    laws: [2, 3, 5],
    why: 'metadata that a user changed under a mark are taken for the copy',
    edits: edit('believe', `if (bearer.propertiesDigest !== mark.properties) return native`, ``),
  },
  {
    name: 'mark-of-the-future',
    laws: [2, 3, 5],
    why: 'a mark that claims a date hours from now is believed',
    edits: edit('believe', `if (mark.stamp.timeMs > bearer.meta.dateMs + limits.futureMsMax) return native`, ``),
  },
  {
    name: 'no-nonce',
    laws: [2, 3, 5],
    why: 'a replica restored within a minute is taken for the replica',
    edits: edit(
      'observe',
      `if (mark !== null && mark !== 'newer' && mark.nonce === belief.mark.nonce) return null`,
      ``,
    ),
  },
  {
    name: 'nothing-looked-at-below',
    laws: [5],
    why: 'a copy that slipped in over a deletion is taken at its word',
    edits: edit('decide', `if (doubtful.length > 0 && !deletionCovers(sights, shown)) return look(doubtful)`, ``),
  },
  {
    name: 'onto-not-recorded',
    laws: [5],
    why: 'a copy does not say that it was written where nothing was',
    edits: [{ file: 'shared/kernel/mark.ts', find: `mark.onto === 'absent' ? 'a' : 'o',`, replace: `'o',` }],
  },
  {
    name: 'onto-not-inherited',
    laws: [5],
    why: 'what replaces a copy below which nobody has looked claims to have looked',
    edits: edit(
      'fast-path',
      `const onto = sight.shows === 'replica' ? sight.onto : 'over'`,
      `const onto = sight.shows === 'replica' ? 'over' : 'over'`,
    ),
  },
  {
    name: 'moved-on-unseen',
    laws: [5],
    why: 'what was overwritten between a look and the listing counts as deleted',
    edits: edit(
      'observe',
      `if (kept.current && !kept.deleteMarker && kept.version !== shown) throw movedOn(store)`,
      ``,
    ),
  },
]
