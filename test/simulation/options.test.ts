import { expect, it } from 'vitest'
import { parse } from './options.ts'

it.each([
  [['--seeds', '0'], '--seeds: found "0", expected a whole number, at least 1'],
  [['--seeds', 'many'], '--seeds: found "many", expected a whole number, at least 1'],
  [['--jobs', '0'], '--jobs: found "0", expected a whole number, at least 1'],
  [['--seed', '1.5'], '--seed: found "1.5", expected a whole number, at least 0'],
  [['--world', 'nowhere'], expect.stringMatching(/^--world: found "nowhere", expected one of weather, /)],
  [['--output', 'yaml'], '--output: found "yaml", expected table or json'],
  [['--sede', '1'], expect.stringMatching(/--sede/)],
])('%j is refused, and the field is named', (args, wrong) => {
  expect(parse(args)).toEqual({ wrong })
})

it('a bare command lives through 2,000 seeds in one process, and hunts for a variant in 20,000', () => {
  expect(parse([])).toMatchObject({ options: { seeds: 2_000, jobs: 1, seed: null, break: null } })
  expect(parse(['--break', 'no-hold'])).toMatchObject({ options: { seeds: 20_000, break: 'no-hold' } })
})
