import { edit, type Variant } from './variant.ts'

/** What is kept, whole and reported: losers, bytes, parts, tags, adopted objects. */
export const keeping: readonly Variant[] = [
  {
    name: 'loser-not-kept',
    laws: [4],
    why: 'a site that keeps no versions takes part in a group: what loses there is gone',
    worlds: ['bare'],
    edits: edit(
      'settle',
      `if (scope.core.store(site).traits.history === 'none') silent.set`,
      `if (site === undefined) silent.set`,
    ),
  },
  {
    name: 'loser-not-reported',
    laws: [4],
    why: 'a version of a user is displaced and nobody is told',
    edits: edit(
      'decide',
      `const loser = sight.shows === 'native' ? sight.stamp : null`,
      `const loser = sight.shows === 'native' ? null : null`,
    ),
  },
  {
    name: 'checksum-not-compared',
    laws: [6],
    why: 'what arrived is written on without a look at its checksum',
    edits: edit('load', `if (arrived !== expected) throw`, `if (arrived === undefined) throw`),
  },
  {
    name: 'parts-trusted',
    laws: [6, 9, 10],
    why: 'a part that lies at the target counts, whatever its size and bytes',
    worlds: ['rollout'],
    edits: edit(
      'transfer',
      `there !== undefined && there.size === body.size && compareDigests(there.digests, digests) === 'same'`,
      `there !== undefined`,
    ),
  },
  {
    name: 'rest-of-parts-forgotten',
    laws: [10],
    why: 'who goes on after a death takes the parts that are there for all there are',
    worlds: ['large'],
    edits: edit(
      'transfer',
      `for (let number = 1; number <= plan.count; number++) {`,
      `for (let number = 1; number <= (ledger.size > 0 ? ledger.size : plan.count); number++) {`,
    ),
  },
  {
    name: 'tags-not-compared',
    laws: [3],
    why: 'a version that every member shows is in sync, whatever its tags',
    worlds: ['tags'],
    edits: [
      {
        file: 'shared/reconcile/decide.ts',
        find: `known.some(({ tagCount }) => tagCount > 0) ?`,
        replace: `known.some(({ tagCount }) => tagCount > 1e9) ?`,
      },
    ],
  },
  {
    name: 'tags-settled-away',
    laws: [3],
    why: 'what a deep pass settles and finds to agree has its tags compared by nobody',
    worlds: ['tags'],
    edits: [
      {
        file: 'shared/reconcile/examine-group.ts',
        find: `if (agreed && deep && one.glimpses.some(mayBeTagged))`,
        replace: `if (agreed && deep && one.glimpses.length === 0)`,
      },
    ],
  },
  {
    name: 'adopted-copied-again',
    laws: [1],
    why: 'what lay there before the site joined, and is the same, is written again',
    worlds: ['join'],
    edits: edit('observe', `joinedMs: joined !== null && meta.dateMs < joined ? joined : null,`, `joinedMs: null,`),
  },
]
