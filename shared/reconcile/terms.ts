import { rangeOf } from '#shared/config/key-range.ts'
import type { Config, Route, Rule } from '#shared/config/model.ts'
import { digestText } from '#shared/kernel/digest.ts'
import { Failure } from '#shared/kernel/failure.ts'
import type { RuleId } from '#shared/kernel/ids.ts'
import type { Core } from '#shared/replication/core.ts'
import { compareKeys } from './key-order.ts'

export function ruleOf({ groups, routes }: Config, id: RuleId): Rule {
  const rule = [...groups, ...routes].find((one) => one.id === id)
  if (rule === undefined)
    throw new Failure('invalid', `reconcile: rule ${JSON.stringify(id)} is not in the configuration`)
  return rule
}

/** A digest of all in the configuration that decides what of this rule is in sync: where it changes, a pass begins anew and remembers nothing. */
export function termsOf(core: Core, rule: Rule): string {
  const { prefix, include, exclude } = rule.keys
  const sites = rule.kind === 'group' ? rule.members : [rule.from, ...rule.to]
  const joined = sites.map((site) => [site, core.config.sites.get(site)?.joinedMs ?? null])
  const patterns = [include, exclude].map((globs) => globs.map(({ text }) => text))
  const own = rule.kind === 'group' ? null : routeTerms(rule)
  return digestText(core.hashing, JSON.stringify([rule.kind, joined, rule.retired, prefix, patterns, own]))
}

function routeTerms({ tags, size, rename, deletes, foreign }: Route): unknown {
  return [[...tags], size.min, size.max, rename?.from, rename?.to, deletes, foreign]
}

/** The beginnings of the rule's keys, in order, none within another: what has to be listed. */
export function headsOf(rule: Rule): readonly string[] {
  const sorted = [...rangeOf(rule.keys).heads].toSorted(compareKeys)
  const heads: string[] = []
  for (const head of sorted) if (heads.length === 0 || !head.startsWith(heads.at(-1)!)) heads.push(head)
  return heads
}
