import type { Law } from './checker-laws.ts'
import type { WorldName } from './plan.ts'

/**
 * The production code with one of its conditions deleted or inverted, as a change of its text when it is loaded: production knows
 * nothing of it. Each must be caught by the laws, never by an assertion of its own.
 */
export interface Variant {
  readonly name: string
  /** It counts as caught when one of these is broken. */
  readonly laws: readonly Law[]
  readonly why: string
  readonly edits: readonly Edit[]
  readonly eventsOnly?: boolean
  readonly worlds?: readonly WorldName[]
}

/** `find` stands exactly once in the file, its white space being any. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

const replication = (file: string): string => `shared/replication/${file}.ts`

/** One edit of one file of the protocols. */
function edit(file: string, find: string, replace: string): readonly Edit[] {
  return [{ file: replication(file), find, replace }]
}

export const variants: readonly Variant[] = [
  {
    name: 'no-condition',
    laws: [2, 5],
    why: 'a write lands whatever is there now',
    edits: [
      {
        file: 'shared/memory/bucket.ts',
        find: `    this.#admit(key, condition)
    return metaOf(this.profile, this.vault.place(key, draft, { by, looks: 'single' }))`,
        replace: `    return metaOf(this.profile, this.vault.place(key, draft, { by, looks: 'single' }))`,
      },
    ],
  },
  {
    name: 'dead-below-alive',
    laws: [5],
    why: 'a deletion loses to what it deleted',
    edits: [
      {
        file: 'shared/kernel/value.ts',
        find: `rank(a.state === 'alive', b.state === 'alive')`,
        replace: `rank(a.state === 'dead', b.state === 'dead')`,
      },
    ],
  },
  {
    name: 'stamp-from-arrival',
    laws: [2, 3, 5],
    why: 'a version is dated by when its event was worked on',
    edits: edit(
      'changed',
      `nativeStamp(event.site, found.meta))
  return end`,
      `{ ...nativeStamp(event.site, found.meta), timeMs: Math.floor(clockOf(core, home)) })
  return end`,
    ),
  },
  {
    name: 'stamp-from-copy',
    laws: [1, 2, 3, 5],
    why: 'a copy is dated by its own writing, not by its original',
    edits: edit(
      'observe',
      `shows: 'replica', stamp: mark.stamp,`,
      `shows: 'replica', stamp: { ...mark.stamp, timeMs: meta.dateMs },`,
    ),
  },
  {
    name: 'deletions-forgotten',
    laws: [5],
    why: 'what is absent is taken for never written',
    edits: [
      ...edit('decide', `buried === undefined ? never : dead(buried)`, `buried === undefined ? never : never`),
      ...edit(
        'decide',
        `(sight.shows === 'native' ? [] : (sight.below?.greatest ?? []))`,
        `(sight.shows === 'native' ? [] : [])`,
      ),
    ],
  },
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
    name: 'no-hold',
    laws: [2],
    why: 'a copy comes before the clock of its site has passed it: who writes over it is older',
    worlds: ['skew'],
    edits: [
      ...edit('hold', `if (waitMs > 0) await wait(core, store, waitMs, signal)`, ``),
      ...edit('hold', `if (waitMs > core.limits.holdMsMax) {`, `if (waitMs > Infinity) {`),
    ],
  },
  {
    name: 'refused-is-done',
    laws: [2, 3, 5],
    why: 'a write refused because something is there counts as done',
    eventsOnly: true,
    edits: edit(
      'fast-path',
      `return landed.failure.kind === 'conflict' ? 'refused'`,
      `return landed.failure.kind === 'conflict' ? 'done'`,
    ),
  },
  {
    name: 'unknown-is-failure',
    laws: [2, 3, 5],
    why: 'a write whose answer was lost is given up',
    eventsOnly: true,
    edits: [
      {
        file: 'shared/kernel/failure.ts',
        find: `unknown: { key: 'soon', site: 'soon' }`,
        replace: `unknown: { key: 'never', site: 'never' }`,
      },
      ...edit('settle', `if (failure.kind === 'unknown') unanswered(`, `if (failure.kind === null) unanswered(`),
      ...edit(
        'settle',
        `if (landed.failure.kind === 'unknown') unanswered(`,
        `if (landed.failure.kind === null) unanswered(`,
      ),
      ...edit(
        'fast-path',
        `if (landed.failure.kind === 'unknown') unanswered(`,
        `if (landed.failure.kind === null) unanswered(`,
      ),
    ],
  },
  {
    name: 'unknown-is-success',
    laws: [2, 3, 5],
    why: 'a write whose answer was lost counts as done',
    eventsOnly: true,
    edits: [
      ...edit(
        'fast-path',
        `if (landed.failure.kind === 'unknown') unanswered(race, lane, loser)`,
        `if (landed.failure.kind === 'unknown') return 'done'`,
      ),
    ],
  },
  {
    name: 'tie-guessed',
    laws: [2, 3, 5],
    why: 'of two versions of one site and second the greater id wins, whatever the site shows',
    worlds: ['second'],
    edits: [
      ...edit('decide', `if (question.silent.has(origin)) return { verdict: 'ask', origin }`, ``),
      ...edit('decide', `tied.find((stamp) => atOrigin !== undefined && sameStamp(stamp, atOrigin.stamp)) ??`, ``),
    ],
  },
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
    name: 'absence-concluded',
    laws: [3, 5, 7],
    why: 'a member whose listing has not the key is not asked for it',
    edits: [
      {
        file: 'shared/reconcile/decide.ts',
        find: `if (shown.length < glimpses.length) return settle`,
        replace: `if (shown.length < glimpses.length) return inSync`,
      },
    ],
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
    name: 'no-bulkhead',
    laws: [9],
    why: 'the shared read keeps every part for its slowest target',
    worlds: ['hung', 'large'],
    edits: edit(
      'shared-read',
      `if (position < leader - lead) this.#positions.delete(lane)`,
      `if (position < -lead) this.#positions.delete(lane)`,
    ),
  },
  {
    name: 'no-bound',
    laws: [8],
    why: 'a look at a member that does not answer has no end',
    worlds: ['hung'],
    edits: [
      {
        file: 'shared/layers/timed.ts',
        find: '() => give(givenUp(call, `no answer within ${ms} ms`)),',
        replace: '() => undefined,',
      },
    ],
  },
  {
    name: 'acknowledged-before-written',
    laws: [2, 3, 5, 7],
    why: 'a message is acknowledged before its work is done',
    eventsOnly: true,
    edits: edit(
      'run',
      `    return await work()`,
      `    void work().catch(() => undefined)
    return { receipts: [], again: [] }`,
    ),
  },
  {
    name: 'echo-not-recognised',
    laws: [1, 2],
    why: 'a copy is news where it arrives',
    edits: edit(
      'changed',
      `if (sight.shows === 'replica') return named ?`,
      `if (sight.shows === 'replica' && !named) return named ?`,
    ),
  },
  {
    name: 'adopted-copied-again',
    laws: [1],
    why: 'what lay there before the site joined, and is the same, is written again',
    worlds: ['join'],
    edits: edit('observe', `joinedMs: joined !== null && meta.dateMs < joined ? joined : null,`, `joinedMs: null,`),
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
  {
    name: 'slow-not-looked-at',
    laws: [2, 3, 5],
    why: 'what took long is not looked at again',
    eventsOnly: true,
    worlds: ['lives', 'races'],
    edits: [
      ...edit('settle', `return done && core.clock.monotonic() - startedMs <= core.limits.slowMs`, `return done`),
      ...edit('fast-path', `return slow || ends.includes('settle')`, `return ends.includes('settle')`),
    ],
  },
  {
    name: 'deletion-not-delayed',
    laws: [3, 5],
    why: 'a deletion is settled before the copies under way have landed',
    eventsOnly: true,
    edits: edit('changed', `if (waitMs <= 0) return settle(`, `if (waitMs <= Infinity) return settle(`),
  },
  {
    name: 'poison-not-refused',
    laws: [0, 13],
    why: 'a message of a rule that does not exist is not refused by name',
    edits: edit(
      'run',
      `if (rule === undefined)
    throw`,
      `if (rule === null)
    throw`,
    ),
  },
]

export function variantNamed(name: string): Variant | null {
  return variants.find((variant) => variant.name === name) ?? null
}

/** The text with the variant's edits; throws where one of them fits not exactly once. How the text is broken into lines does not matter. */
export function edited(variant: Variant, file: string, text: string): string {
  return variant.edits.reduce((changed, edit) => {
    if (edit.file !== file) return changed
    const pattern = new RegExp(edit.find.trim().split(/\s+/).map(literally).join('\\s+'), 'g')
    const places = [...changed.matchAll(pattern)].length
    if (places !== 1)
      throw new Error(`variant ${variant.name}: its text stands ${places} times in ${file}, expected once`)
    return changed.replace(pattern, () => edit.replace)
  }, text)
}

function literally(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)
}
