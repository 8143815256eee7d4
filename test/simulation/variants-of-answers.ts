import { edit, type Variant } from './variant.ts'

/** What a request came to, and when it is looked at again. */
export const answers: readonly Variant[] = [
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
      ...edit('settle-acts', `if (failure.kind === 'unknown') unanswered(`, `if (failure.kind === null) unanswered(`),
      ...edit(
        'settle-acts',
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
    name: 'acknowledged-before-written',
    laws: [2, 3, 5, 7],
    why: 'a message is acknowledged before its work is done',
    eventsOnly: true,
    edits: edit(
      'run',
      `    return await work()`,
      `    void work().catch(() => undefined)
    return { receipts: [], again: [], missed: [] }`,
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
    edits: edit('changed', `if (waitMs <= 0) return settled(`, `if (waitMs <= Infinity) return settled(`),
  },
]
