import * as z from 'zod'
import { isId, ruleId, siteId, type RuleId, type SiteId } from '#shared/kernel/ids.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { Message } from '#shared/replication/model.ts'
import { key, parse } from './notice.ts'
import type { Passage } from './pass.ts'

const rule: z.ZodType<RuleId, string> = id('the id of a rule').transform(ruleId)
const site: z.ZodType<SiteId, string> = id('the id of a site').transform(siteId)

const event = z.object({
  site,
  key,
  kind: z.enum(['created', 'deleted', 'uncovered', 'updated'], '"created", "deleted", "uncovered" or "updated"'),
  id: z.string('a version').transform(stampId).nullable(),
  timeMs: z.number('milliseconds since 1970'),
  writtenFor: rule.nullable(),
  byUser: z.boolean('true, false or null').nullable(),
})

/** What replication leaves to a later invocation. Whether its rule still exists is for replication to say. */
const schema = z.discriminatedUnion(
  'kind',
  [
    z.object({ kind: z.literal('event'), event }),
    z.object({ kind: z.literal('changed'), group: rule, event, wasFresh: z.boolean('true or false') }),
    z.object({ kind: z.literal('settle'), group: rule, key }),
    z.object({
      kind: z.literal('mirror'),
      route: rule,
      key,
      targets: z.array(site, 'a list of sites').min(1, 'at least one site'),
      seen: z.boolean('true or false'),
    }),
    z.object({
      kind: z.literal('pass'),
      rule,
      deep: z.boolean('true or false'),
      cursor: z.string('a cursor, or null').nullable(),
    }),
  ],
  { error: '"event", "changed", "settle", "mirror" or "pass"' },
)

/** What travels in Isobar's queues. */
export type OwnMessage = Message | Passage

/** A message of our own that came back through the queue; `null` for anything that has no `kind`, which is some cloud's. */
export function ownMessage(value: unknown): OwnMessage | null {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null
  return parse(schema, value)
}

function id(expected: string): z.ZodString {
  return z.string(expected).refine(isId, expected)
}
