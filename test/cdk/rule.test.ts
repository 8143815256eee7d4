import type { Template } from 'aws-cdk-lib/assertions'
import { expect, it } from 'vitest'
import { recorded } from '#test/functions/recorded.ts'
import { matches, type Pattern } from './pattern.ts'
import { group, only, simple, sites, templateOf } from './synthesized.ts'

const patternOf = (template: Template): Pattern =>
  only<{ readonly EventPattern: Pattern }>(template, 'AWS::Events::Rule').properties.EventPattern

const pattern = patternOf(templateOf(simple))
const permanently = { detail: { 'deletion-type': 'Permanently Deleted' } }

it('the rule hands on what users do to objects, and what lifecycle deletes', () => {
  for (const name of ['aws-object-created', 'aws-object-deleted', 'aws-object-deleted-lifecycle']) {
    expect(matches(pattern, recorded(name)), name).toBe(true)
  }
  expect(matches(pattern, recorded('aws-object-deleted', permanently))).toBe(true)
})

it('the rule passes over what lifecycle removes for good, where versions are kept', () => {
  const { retentionDays: _, ...aws } = sites.aws
  const unversioned = { ...sites, aws: { ...aws, versioned: false } }
  const plain = templateOf({ sites: unversioned, replicate: [{ id: 'r', from: 'aws', to: ['gcp'] }] })
  expect(matches(pattern, recorded('aws-object-deleted-lifecycle', permanently))).toBe(false)
  expect(matches(patternOf(plain), recorded('aws-object-deleted-lifecycle', permanently))).toBe(true)
})

it.each([
  ['another bucket', { detail: { bucket: { name: 'other' } } }],
  ['another service', { source: 'my.app' }],
  ['another happening', { 'detail-type': 'Object Tags Added' }],
])('the rule passes over %s', (_, change) => {
  expect(matches(pattern, recorded('aws-object-created', change))).toBe(false)
})

/** The requester of the recorded events. */
const ours = { 'isobar:replicationAccount': '123456789012' }

it('the rule passes over the replication account, and over nobody where none was named', () => {
  const filtered = patternOf(templateOf(simple, ours))
  expect(matches(filtered, recorded('aws-object-created'))).toBe(false)
  expect(matches(filtered, recorded('aws-object-created', { detail: { requester: '999999999999' } }))).toBe(true)
  expect(matches(pattern, recorded('aws-object-created'))).toBe(true)
})

it.each([
  ['news', 'where a route starts from what a group writes', { from: 'aws', to: ['vault'], prefix: 'media/a/' }],
  [
    'news',
    'where a route leads into what a group spreads',
    { from: 'vault', to: ['aws'], prefix: 'media/', intoGroup: true },
  ],
  [
    'news',
    'where a route renames into what a group spreads',
    { from: 'vault', to: ['aws'], prefix: 'x/', rename: { from: 'x/', to: 'media/' }, intoGroup: true },
  ],
  ['no news', 'where a route starts from other keys', { from: 'aws', to: ['vault'], prefix: 'logs/' }],
  ['no news', 'where another group has other keys', { among: ['aws', 'vault'], prefix: 'logs/' }],
])('our own writes are %s %s', (news, _, other) => {
  const filtered = patternOf(templateOf({ sites, replicate: [group, { id: 'other', ...other }] }, ours))
  expect(matches(filtered, recorded('aws-object-created'))).toBe(news === 'news')
})

it.each(['12345', 'account', '1234567890123', 12345])('an account that can be none is refused: %s', (account) => {
  expect(() => templateOf(simple, { 'isobar:replicationAccount': account })).toThrow('expected an account of 12 digits')
})
