import { expect, it } from 'vitest'
import { ruleId } from '#shared/kernel/ids.ts'
import { Habits } from '#shared/replication/habits.ts'
import { key } from './trio.ts'

const rule = ruleId('r')
const one = key('folder/one')

function noted(habits: Habits, over: boolean, times: number): Habits {
  for (let i = 0; i < times; i++) habits.note(rule, one, over)
  return habits
}

it('where nothing was seen yet, one writes without looking', () => {
  expect(new Habits().overwrites(rule, one)).toBe(false)
})

it('more than 8 % of the last copies went over something, and a look comes first', () => {
  expect(noted(new Habits(), true, 5).overwrites(rule, one)).toBe(false)
  expect(noted(new Habits(), true, 6).overwrites(rule, one)).toBe(true)
})

it('many that went where nothing was, and nobody looks any more', () => {
  const habits = noted(new Habits(), true, 6)
  expect(noted(habits, false, 7).overwrites(rule, one)).toBe(true)
  expect(noted(habits, false, 1).overwrites(rule, one)).toBe(false)
})

it('one overwrite among many is no habit', () => {
  const habits = new Habits()
  for (let i = 0; i < 100; i++) habits.note(rule, one, i % 20 === 0)
  expect(habits.overwrites(rule, one)).toBe(false)
})

it.each([
  ['another key below the same prefix', rule, 'folder/two', true],
  ['a key below a deeper prefix', rule, 'folder/deeper/one', false],
  ['a key below another prefix', rule, 'other/one', false],
  ['a key below none', rule, 'one', false],
  ['the same key for another rule', ruleId('s'), 'folder/one', false],
])('what was seen of one says it of %s', (_, other, name, same) => {
  expect(noted(new Habits(), true, 6).overwrites(other, key(name))).toBe(same)
})

it('of a thousand prefixes the one that was not used longest is forgotten', () => {
  const habits = noted(new Habits(), true, 6)
  for (let i = 0; i < 998; i++) habits.note(rule, key(`p${i}/k`), false)
  habits.note(rule, one, true)
  habits.note(rule, key('p998/k'), false)
  habits.note(rule, key('p999/k'), true)
  expect(habits.overwrites(rule, one)).toBe(true)
  for (let i = 0; i < 997; i++) habits.note(rule, key(`q${i}/k`), false)
  expect(habits.overwrites(rule, one)).toBe(true)
  habits.note(rule, key('q997/k'), false)
  expect(habits.overwrites(rule, one)).toBe(false)
})
