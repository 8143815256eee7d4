import { edit, type Variant } from './variant.ts'

/** What wins: conditions, stamps, deletions, ties, the hold. */
export const order: readonly Variant[] = [
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
      `nativeStamp(event.site, meta))
  return end`,
      `{ ...nativeStamp(event.site, meta), timeMs: Math.floor(clockOf(scope.core, home)) })
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
    name: 'echo-not-recognised',
    laws: [1],
    why: 'a copy is news where it arrives',
    edits: edit(
      'changed',
      `if (sight.shows === 'replica') return echo(`,
      `if (sight.shows === 'replica' && !named) return echo(`,
    ),
  },
  {
    name: 'upload-left-buried',
    laws: [2, 3, 5],
    why: 'an upload that was born below a copy is not looked for there',
    eventsOnly: true,
    edits: edit('changed', `if (sight.shows === 'replica' && !named) {`, `if (sight.shows === 'replica' && named) {`),
  },
  {
    name: 'listing-lifted',
    laws: [2],
    why: 'what came after the listing is lifted in place of what was listed: a copy too, over what was written elsewhere just before',
    worlds: ['tags'],
    edits: [
      {
        file: 'shared/reconcile/mend.ts',
        find: `|| !sameStamp(sight.stamp, told.stamp)`,
        replace: ``,
      },
    ],
  },
  {
    name: 'lifted-without-its-origin',
    laws: [2],
    why: 'a copy is lifted while the site of its original is ill: over what a user wrote there last, which only that site has',
    worlds: ['tags'],
    edits: [
      {
        file: 'shared/reconcile/mend.ts',
        find: `if (isAway(here, own)) return`,
        replace: `if (false) return`,
      },
    ],
  },
]
