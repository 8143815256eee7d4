import { describe, expect, it } from 'vitest'
import { judgeVariants, type Variant } from '#prove/house/broken-variants.ts'
import { judgeCrashes } from '#prove/house/crashes.ts'
import { newSeeds } from '#prove/house/fresh-clone.ts'
import { judgeLaws } from '#prove/laws.ts'
import { compare } from '#prove/house/replay.ts'
import { judgeFaults, judgeWorlds, simulation } from '#prove/house/simulation.ts'
import { passedOver, type Report, toldOfUnrun } from '#prove/tests.ts'
import { judgeServers, readTables, unlike } from '#prove/wires/contract.ts'

function report(statuses: Readonly<Record<string, string>>, file = '/house/test/kernel/key.test.ts'): Report {
  const assertionResults = Object.entries(statuses).map(([fullName, status]) => ({ fullName, status }))
  const count = (wanted: string) => Object.values(statuses).filter((status) => status === wanted).length
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped'),
    numTodoTests: 0,
    testResults: [{ name: file, startTime: 0, endTime: 1, assertionResults }],
  }
}

describe('a promise of laws does not hold', () => {
  const kept = { 'law 1: one': 'passed', 'law 2: two': 'passed' }
  const wanted = [{ what: 'law 1', like: /^law 1:/ }]

  it('is false of laws that are all there and hold', () => {
    expect(judgeLaws(report(kept), { wanted }, true).held).toBe(true)
  })

  it.each([
    ['where one is not there by its name', { wanted: [{ what: 'law 3', like: /^law 3:/ }] }, kept],
    ['where there are fewer of a name than promised', { wanted: [{ ...wanted[0]!, least: 2 }] }, kept],
    ['where there are fewer than promised', { wanted, least: 3 }, kept],
    ['where one was not run', { wanted }, { ...kept, 'law 3: three': 'skipped' }],
    ['where one has failed', { wanted }, { ...kept, 'law 3: three': 'failed' }],
    ['where the wanted one has failed', { wanted }, { 'law 1: one': 'failed', 'law 2: two': 'passed' }],
  ])('%s', (_, asked, statuses) => {
    expect(judgeLaws(report(statuses), asked, true).held).toBe(false)
  })

  it('and says of each that failed how it did', () => {
    const assertionResults = [
      { status: 'failed', fullName: 'law 1: one', failureMessages: ['Error: no answer\n    at x'] },
    ]
    const told = { ...report({}), testResults: [{ name: 'x', startTime: 0, endTime: 1, assertionResults }] }
    expect(judgeLaws(told, { wanted: [] }, false).details).toEqual(['failed: law 1: one: Error: no answer'])
  })

  it('where the runner itself has failed', () => expect(judgeLaws(report(kept), { wanted }, false).held).toBe(false))
})

it('a law that was not run is told apart: only where stores differ, or where nobody named a program of others, may one be passed over', () => {
  const skipped = { 'a law': 'skipped', another: 'passed' }
  expect(passedOver(report(skipped), '/house')).toEqual({ allowed: [], others: ['a law'] })
  expect(passedOver(report(skipped, '/house/test/contract/s3.test.ts'), '/house')).toEqual({
    allowed: ['a law'],
    others: [],
  })
  const foreign = 'ISOBAR_RCLONE names the program of another client'
  expect(passedOver(report({ [foreign]: 'skipped' }), '/house')).toEqual({ allowed: [foreign], others: [] })
})

it('a law that asks others is told with the commands that would ask them, and nobody is told that this one would', () => {
  const skipped = report(
    {
      'a law of stores': 'skipped',
      'ISOBAR_CONTRACT_S3 says where else': 'skipped',
      'ISOBAR_CONTRACT_GCS says where else': 'skipped',
      'ISOBAR_RCLONE names a program': 'skipped',
    },
    '/house/test/contract/s3.test.ts',
  )
  expect(toldOfUnrun(skipped, '/house')).toEqual([
    'not run, for a store of its kind cannot keep it, and need not:',
    '  a law of stores',
    'not run, for `npm test` reads no such variable; `npm run contract` does, and `npm run prove -- wires`:',
    '  ISOBAR_CONTRACT_S3 says where else',
    '  ISOBAR_CONTRACT_GCS says where else',
    'not run, for `npm test` reads no such variable; `npm run prove -- wires` does:',
    '  ISOBAR_RCLONE names a program',
  ])
  expect(toldOfUnrun(report({ 'a law': 'skipped' }), '/house')).toEqual(['NOT RUN: a law'])
})

it('new seeds are counted as the tests say themselves, in colour or without', () => {
  expect(
    newSeeds(
      '\u001B[22m\u001B[39m1000 seeds from 7: 3 stated\n\n\u001B[90mstdout\u001B[39m\n\u001B[22m1000 seeds from 7: 0\n',
    ),
  ).toBe(2000)
  expect(newSeeds('1000 seeds from 7: 3 stated\nstdout\n1000 seeds from 7: 0 stated\n')).toBe(2000)
  expect(newSeeds('no seed was lived')).toBe(0)
})

it('a kind of fault that never came up is not held, whatever users did', () => {
  expect(judgeFaults({ faults: { race: 100, kill: 200 }, acts: { tag: 0 } }).held).toBe(true)
  expect(judgeFaults({ faults: { race: 0, kill: 200 }, acts: {} })).toMatchObject({
    held: false,
    figure: '2 kinds of fault, the rarest 0 times (race)',
  })
})

describe('worlds of 20000 seeds', () => {
  const lived = { from: 1, seeds: 20_000, violations: 0, exceptions: 300, seedsPerSecond: 100 }

  it.each([
    ['hold with no violation, and as many exceptions as they may have', lived, true],
    ['do not with one exception more', { ...lived, exceptions: 301 }, false],
    ['do not where every seed is an exception', { ...lived, exceptions: 20_000 }, false],
    ['do not with a violation', { ...lived, violations: 1 }, false],
    ['do not where there are fewer', { ...lived, seeds: 19_999, exceptions: 0 }, false],
    ['do not where they are slower', { ...lived, seedsPerSecond: 99 }, false],
  ] as const)('%s', (_, summary, held) => expect(judgeWorlds(summary).held).toBe(held))

  it('say how many exceptions they may have, with every fault and by events alone', () => {
    for (const { line } of simulation) expect(line).toContain('at most 300 stated exceptions')
  })
})

describe('crashes at awaits', () => {
  const at = (deaths: number, spared: string | null = null) => ({ where: 'a.ts:1', deaths, spared })
  const all = { lived: 1, broken: [], stale: [], awaits: [at(20), at(0, 'bytes in memory')] }

  it.each([
    ['hold where each has enough', all, true],
    ['do not where one has too few', { ...all, awaits: [at(19), at(30)] }, false],
    ['do not where a law was broken', { ...all, broken: ['law 3'] }, false],
    ['do not where one that is left out was died at', { ...all, awaits: [at(20), at(1, 'never')] }, false],
    ['do not where a rule leaves out what is not there', { ...all, stale: ['a.ts: gone'] }, false],
    ['do not where all are left out', { ...all, awaits: [at(0, 'never')] }, false],
  ] as const)('%s', (_, crashes, held) => expect(judgeCrashes(crashes).held).toBe(held))
})

describe('seeds told twice', () => {
  const told = (last: string) =>
    Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [i, i === 999 ? last : 'a']))

  it('hold where all are told alike', () => expect(compare(told('a'), told('a')).held).toBe(true))
  it('do not where one history differs', () => expect(compare(told('a'), told('b')).held).toBe(false))
  it('do not where some were not told', () => expect(compare({ 1: 'a' }, { 1: 'a' }).held).toBe(false))
})

describe('broken variants', () => {
  /** All that were promised, each caught as it should be. */
  const names =
    'no-condition dead-below-alive stamp-from-arrival stamp-from-copy deletions-forgotten mark-of-any-age mark-of-another-key mark-of-changed-bytes mark-of-changed-metadata mark-of-the-future no-nonce nothing-looked-at-below onto-not-recorded onto-not-inherited refused-is-done unknown-is-failure unknown-is-success tie-guessed absence-concluded acknowledged-before-written'
  const caughtBy = (variant: string, law: number): Variant => ({
    variant,
    caught: true,
    law: `law ${law} (It)`,
    seed: 1,
    seedsTaken: 1,
    what: null,
  })
  const others = Object.entries({
    'no-hold': 2,
    'loser-not-kept': 4,
    'checksum-not-compared': 6,
    'parts-trusted': 6,
    'no-bulkhead': 9,
    'echo-not-recognised': 1,
    'adopted-copied-again': 1,
  })
  const all = [
    ...names.split(' ').map((name) => caughtBy(name, 5)),
    ...others.map(([name, law]) => caughtBy(name, law)),
  ]

  it('hold where each is caught by its law', () => {
    expect(judgeVariants(all)).toMatchObject({ held: true, figure: expect.stringContaining('27 of 27 promised') })
  })

  it('are told in the singular where there is one', () => {
    expect(judgeVariants(all).figure).toContain('the slowest after 1 seed')
    const { details } = judgeVariants([{ ...all[0]!, caught: false, law: null }, ...all.slice(1)])
    expect(details?.filter((row) => /\b1 seeds/.test(row))).toEqual([])
    expect(details).toContain('no-condition: NOT CAUGHT in 1 seed')
  })

  it.each([
    ['one that was promised is missing', all.slice(1)],
    ['one is not caught', [{ ...all[0]!, caught: false, law: null }, ...all.slice(1)]],
    ['one is caught by another law', [caughtBy('no-condition', 7), ...all.slice(1)]],
    ['one only throws', [caughtBy('no-condition', 0), ...all.slice(1)]],
    ['one of our own only throws', [...all, caughtBy('another', 0)]],
  ])('do not where %s', (_, rows) => expect(judgeVariants(rows).held).toBe(false))
})

describe('the contract at servers by others', () => {
  const tables = readTables(
    [
      '| a row before any server | none |',
      '## S3 one: its release',
      '| law | why |',
      '|---|---|',
      '| removes nothing | it does |',
      '## AZURE another: its release',
      'None.',
    ].join('\n'),
  )
  const at = (server: string, law: string) => `object store: ${server} at http://127.0.0.1:1 ${law}`
  const sound = { [at('S3 one', 'removes nothing')]: 'failed', [at('S3 one', 'reads')]: 'passed' }
  const both = { ...sound, [at('AZURE another', 'reads')]: 'passed', [at('AZURE another', 'sums')]: 'skipped' }

  it('is explained by server and law', () => {
    expect(tables).toEqual(
      new Map([
        ['S3 one', new Set(['removes nothing'])],
        ['AZURE another', new Set()],
      ]),
    )
    expect(judgeServers(report(both), tables)).toMatchObject({
      held: true,
      figure:
        'S3 one: 1 hold, 1 do not for known reasons, 0 for none, 0 not run; AZURE another: 1 hold, 0 do not for known reasons, 0 for none, 1 not run',
    })
  })

  it.each([
    [
      'a law fails that only another server is known to break',
      { ...both, [at('AZURE another', 'removes nothing')]: 'failed' },
    ],
    ['a server has no law that holds', { ...both, [at('AZURE another', 'reads')]: 'skipped' }],
    ['a server that has a table was not asked', sound],
    [
      'a server without a table breaks a law',
      { ...both, [at('S3 two', 'reads')]: 'passed', [at('S3 two', 'removes nothing')]: 'failed' },
    ],
  ])('does not hold where %s', (_, laws) => expect(judgeServers(report(laws), tables).held).toBe(false))

  it('names a row that was not needed', () => {
    const laws = { ...both, [at('S3 one', 'removes nothing')]: 'passed' }
    expect(judgeServers(report(laws), tables)).toMatchObject({
      held: true,
      details: expect.arrayContaining(['S3 one: explained, and was not needed: removes nothing']) as unknown,
    })
  })
})

describe('the contract is one', () => {
  const asked = (subjects: Readonly<Record<string, Readonly<Record<string, string>>>>): Report => {
    const assertionResults = Object.entries(subjects).flatMap(([subject, laws]) =>
      Object.entries(laws).map(([law, status]) => {
        const title = `object store: ${subject}`
        return { status, fullName: `${title} ${law}`, ancestorTitles: [title] }
      }),
    )
    const testResults = [{ name: 'test/contract/x.test.ts', startTime: 0, endTime: 1, assertionResults }]
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults }
  }
  const kept = { one: 'passed', two: 'passed' }

  it('where every store is asked the same, and passes over what its like passes over', () => {
    const plain = { one: 'passed', two: 'skipped' }
    const same = {
      'memory as s3': kept,
      's3 driver': kept,
      's3 driver without versions': plain,
      'memory as gcs': plain,
    }
    expect(unlike(asked(same))).toEqual([])
  })

  it.each([
    [
      'a law that one of them is not asked',
      { 'memory as s3': kept, 's3 driver': { one: 'passed' } },
      'is not asked: two',
    ],
    [
      'a law that its like keeps',
      { 'memory as s3': kept, 's3 driver': { one: 'passed', two: 'skipped' } },
      'passes over what its like keeps: two',
    ],
    ['nobody to be like', { 's3 driver': kept }, '1 stores were asked'],
  ])('or not: %s', (_, subjects, fault) => {
    expect(unlike(asked(subjects as never))).toEqual([expect.stringContaining(fault)])
    expect(judgeLaws(asked(subjects as never), { wanted: [], maySkip: true, faults: unlike }, true).held).toBe(false)
  })
})
