import { describe, expect, it } from 'vitest'
import { worldNames } from './generate.ts'
import { parse } from './options.ts'

const many = '--from, --seeds, --events-only, --world, --jobs, --stories, --output'
const hunt = 'found with --break NAME, expected only --from, --seeds, --output there'
const tells = 'it tells one seed: name it by --seed'

it.each([
  [['--seeds', '0'], '--seeds: found "0", expected a whole number from 1 to 999999999999'],
  [['--seeds', 'many'], '--seeds: found "many", expected a whole number from 1 to 999999999999'],
  [['--jobs', '0'], '--jobs: found "0", expected a whole number from 1 to 256'],
  [['--jobs', '999999999999'], '--jobs: found "999999999999", expected a whole number from 1 to 256'],
  [['--seed', '1.5'], '--seed: found "1.5", expected a whole number from 0 to 999999999999'],
  [['--world', 'nowhere'], expect.stringMatching(/^--world: found "nowhere", expected one of weather, /)],
  [
    ['--world', 'races,late', '--events-only'],
    expect.stringMatching(/^--world: found late with --events-only, but it needs a reconcile: .* one of weather, /),
  ],
  [['--output', 'yaml'], '--output: found "yaml", expected table or json'],
  [['--sede', '1'], expect.stringMatching(/--sede.*npm run sim -- --help lists the options$/)],
])('%j is refused, and the field is named', (args, wrong) => {
  expect(parse(args)).toEqual({ wrong })
})

describe('flags that mean nothing together', () => {
  it.each([
    [['--whole'], `--whole: found with many seeds, expected only ${many} there (${tells})`],
    [['--seeds', '5', '--requests'], `--requests: found with many seeds, expected only ${many} there (${tells})`],
    [
      ['--seed', '5', '--output', 'json'],
      '--output: found with --seed, expected only --events-only, --world, --whole, --requests there (for one seed as data: --from S --seeds 1 --output json)',
    ],
    [['--break', 'x', '--events-only'], `--events-only: ${hunt} (a variant names its own worlds)`],
    [['--world', 'late', '--break', 'x'], `--world: ${hunt} (a variant names its own worlds)`],
    [['--break', 'x', '--jobs', '2'], `--jobs: ${hunt} (only --break all has work for several)`],
    [['--break', 'list', '--seeds', '5'], '--seeds: found with --break list, expected nothing else there'],
    [
      ['--break', 'x', '--seed', '5', '--seeds', '6'],
      '--seeds: found with --break NAME --seed S, expected only --whole, --requests there',
    ],
    [
      ['--break', 'all', '--seed', '5'],
      '--seed: found with --break all, expected only --from, --seeds, --jobs, --output there',
    ],
    [['--seeds', '5', '--seeds', '10'], '--seeds: found more than once, expected once'],
    [
      ['--world', 'late', '--world', 'races'],
      '--world: found more than once, expected once, with commas between the worlds',
    ],
  ])('%j is refused, and what goes together is said', (args, wrong) => {
    expect(parse(args)).toEqual({ wrong })
  })

  it.each([
    [['--seed', '5', '--events-only', '--world', 'races', '--whole', '--requests']],
    [['--break', 'x', '--seed', '5', '--whole']],
    [['--break', 'all', '--jobs', '2', '--output', 'json', '--from', '1', '--seeds', '9']],
    [['--from', '1', '--seeds', '9', '--world', worldNames.join(','), '--jobs', '2', '--stories', '0']],
  ])('but %j is taken', (args) => {
    expect(parse(args)).toHaveProperty('options')
  })
})

it('a bare command lives through 2,000 seeds in one process, and hunts for a variant in 20,000', () => {
  expect(parse([])).toMatchObject({ options: { seeds: 2_000, jobs: 1, seed: null, break: null } })
  expect(parse(['--break', 'no-hold'])).toMatchObject({ options: { seeds: 20_000, break: 'no-hold' } })
})
