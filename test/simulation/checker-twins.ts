import { type Change, type History, name, type Version } from './history.ts'

/** The one stated exception: an ETag is all that a condition compares, and the version seen and the version met have the same bytes. */
export function metByEqualBytes(history: History, change: Change): string | null {
  const twins = twinsOf(history, change)
  return twins === null ? null : `the condition on ${name(twins.seen)} was met by the equal bytes of ${name(twins.met)}`
}

/** What the change displaced, and an earlier version of the same ETag that whoever made the change may have seen instead. */
export function twinsOf(
  { versions, changes, sites, invocations }: History,
  change: Change,
): { readonly seen: Version; readonly met: Version } | null {
  const met = change.before === null ? null : versions[change.before]!
  const etags = sites.some(({ id, equalBytesEqualEtag }) => id === change.site && equalBytesEqualEtag)
  if (met === null || !etags || met.goneAtMs !== null) return null
  const began = change.invocation === null ? -Infinity : invocations[change.invocation]!.startedAtMs
  if (met.bornAtMs < began) return null
  const seen = versions.find(
    (one) =>
      one.site === change.site &&
      one.key === change.key &&
      one.n !== met.n &&
      one.id === met.id &&
      one.bornAtMs < met.bornAtMs &&
      changes.some(({ after }) => after === one.n),
  )
  return seen === undefined ? null : { seen, met }
}
