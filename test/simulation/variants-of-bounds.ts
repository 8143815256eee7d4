import { edit, type Variant } from './variant.ts'

/** What has an end, and what is concluded from silence. */
export const bounds: readonly Variant[] = [
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
    name: 'listing-believed',
    laws: [7],
    why: 'only the deep pass asks a member for a key that its listing has not',
    edits: [
      {
        file: 'shared/reconcile/decide.ts',
        find: `if (shown.length < glimpses.length) return settle`,
        replace: `if (shown.length < glimpses.length) return deep ? settle : inSync`,
      },
    ],
  },
  // Promised by this name. The healthy targets go on all the same: what the slowest costs is memory without a bound.
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
    name: 'look-without-end',
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
    name: 'poison-not-refused',
    laws: [13],
    why: 'a message of a rule that does not exist is taken for one of another rule',
    edits: edit('run', `rules.find((one) => one.id === id)`, `rules.find(() => true)`),
  },
]
