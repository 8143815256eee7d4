import type { Route, Rule } from '#shared/config/model.ts'
import { matches } from '#shared/config/key-filter.ts'
import { rulesAt } from '#shared/config/rules-at.ts'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { RuleId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import { changed, untilLanded } from './changed.ts'
import type { Core } from './core.ts'
import { Ledger } from './ledger.ts'
import { mirror } from './mirror.ts'
import type { Message, ObjectEvent, Outcome } from './model.ts'
import { noted } from './observe.ts'
import { settle } from './settle.ts'

/**
 * One message, to its end. What could not be done now is in `again`, which must lie in a queue before the message is acknowledged.
 * Throws for a message that no retry can mend, and for a defect of ours.
 */
export async function run(message: Message, core: Core, signal: AbortSignal): Promise<Outcome> {
  const beganMs = core.clock.monotonic()
  switch (message.kind) {
    case 'event':
      return onEvent(message.event, core, signal, beganMs)
    case 'changed': {
      const { event, wasFresh } = message
      const group = ruleOf(core.config.groups, message.group)
      if (!group.members.includes(event.site)) return notAnyMore(group, event.key)
      return guarded(group, event.key, message, core, () => changed(group, event, core, signal, { beganMs, wasFresh }))
    }
    case 'settle': {
      const group = ruleOf(core.config.groups, message.group)
      const options = { deeper: true, uncovered: null, beganMs }
      return guarded(group, message.key, message, core, () => settle(group, message.key, core, signal, options))
    }
    case 'mirror': {
      const route = ruleOf(core.config.routes, message.route)
      const targets = message.targets.filter((site) => route.to.includes(site))
      const options = { targets, fresh: false, seen: message.seen, beganMs }
      return guarded(route, message.key, message, core, () => mirror(route, message.key, core, signal, options))
    }
  }
}

/** Each rule by itself: what one cannot do now delays no other. */
async function onEvent(event: ObjectEvent, core: Core, signal: AbortSignal, beganMs: number): Promise<Outcome> {
  const rules = rulesAt(core.config, event.site, event.key)
  const outcomes = await Promise.all(
    rules.map((rule) =>
      guarded(rule, event.key, later(rule, event), core, () =>
        rule.kind === 'group'
          ? changed(rule, event, core, signal, { beganMs, wasFresh: false })
          : along(rule, event, core, signal, beganMs),
      ),
    ),
  )
  return {
    receipts: outcomes.flatMap(({ receipts }) => receipts),
    again: outcomes.flatMap(({ again }) => again),
    missed: outcomes.flatMap(({ missed }) => missed),
  }
}

async function along(
  route: Route,
  event: ObjectEvent,
  core: Core,
  signal: AbortSignal,
  beganMs: number,
): Promise<Outcome> {
  const seen = isUsersDeletion(event)
  const waitMs = event.kind === 'deleted' ? await untilLanded(core, event, signal) : 0
  if (waitMs <= 0)
    return mirror(route, event.key, core, signal, {
      targets: route.to,
      fresh: event.kind === 'created',
      seen,
      beganMs,
    })
  const ledger = new Ledger(route.id, event.key)
  ledger.deferred(event.site, mirrorLater(route, event), waitMs, 'a deletion waits until copies under way have landed')
  return ledger.outcome()
}

function isUsersDeletion(event: ObjectEvent): boolean {
  return event.kind === 'deleted' && event.byUser === true
}

/** By then it is old, and the key counts. But no look at the key finds an upload below a copy, or metadata changed in place. */
function later(rule: Rule, event: ObjectEvent): Message {
  if (rule.kind === 'route') return mirrorLater(rule, event)
  return event.kind === 'created' || event.kind === 'updated'
    ? { kind: 'changed', group: rule.id, event, wasFresh: false }
    : { kind: 'settle', group: rule.id, key: event.key }
}

function mirrorLater(route: Route, event: ObjectEvent): Message {
  return { kind: 'mirror', route: route.id, key: event.key, targets: route.to, seen: isUsersDeletion(event) }
}

/** What this rule does now for this key; what fails comes back as that message. */
async function guarded(
  rule: Rule,
  key: Key,
  message: Message,
  core: Core,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  if (!matches(rule.keys, key)) return notAnyMore(rule, key)
  try {
    return await work()
  } catch (thrown) {
    const failure = asFailure(thrown)
    const ledger = new Ledger(rule.id, key)
    const site = failure.site ?? (rule.kind === 'group' ? rule.members[0]! : rule.from)
    noted(core, site, failure)
    ledger.failed(site, failure, message, core.limits.retryMs)
    return ledger.outcome()
  }
}

/** A queue may outlive a configuration: a message of a rule that is gone is poison, and says so. */
function ruleOf<R extends Rule>(rules: readonly R[], id: RuleId): R {
  const rule = rules.find((one) => one.id === id)
  if (rule === undefined)
    throw new Failure('invalid', `message: rule ${JSON.stringify(id)} is not in the configuration`)
  return rule
}

/** A queue may outlive a filter, too: what the rule does not take any more is not moved by an old message. */
function notAnyMore(rule: Rule, key: Key): Outcome {
  const ledger = new Ledger(rule.id, key)
  ledger.note('held', rule.kind === 'group' ? rule.members[0]! : rule.from, 'the rule does not take this key any more')
  return ledger.outcome()
}
