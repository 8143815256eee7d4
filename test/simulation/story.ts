import { actOf } from './bytes.ts'
import type { Violation } from './checker-laws.ts'
import { laws } from './checker-laws.ts'
import { namedBy } from './checker-facts.ts'
import { startMs } from './epoch.ts'
import type { Change, Deed, History, Version } from './history.ts'
import type { Fault, Plan } from './plan.ts'

interface Line {
  readonly atMs: number
  readonly text: string
}

/** What happened, in the order of true time, for a person: who did what, what landed, what our functions say they did. */
export function tell(
  plan: Plan,
  history: History,
  violations: readonly Violation[],
  requests: readonly Line[] = [],
): string {
  const keys = new Set(violations.flatMap(({ key }) => (key === null ? [] : [key])))
  const about = (key: string) =>
    keys.size === 0 || keys.has(key) || [...keys].some((one) => one.endsWith(key.slice(key.lastIndexOf('/'))))
  const lines: Line[] = [
    ...plan.faults.map(tellFault),
    ...requests,
    ...history.changes.filter(({ key }) => about(key)).map((change) => tellChange(history, change)),
    ...history.receipts
      .filter(({ key }) => about(key))
      .map(({ atMs, action, site, key, why, invocation }) => ({
        atMs,
        text: `      i${invocation} ${action} ${site} ${key}: ${why}`,
      })),
    ...history.invocations.flatMap(({ n, endedAtMs, startedAtMs, cloud, what, end, error }) => [
      { atMs: startedAtMs, text: `   i${n} at ${cloud} begins: ${what}` },
      ...(end === 'done'
        ? []
        : [
            {
              atMs: endedAtMs ?? startedAtMs,
              text: `   i${n} at ${cloud} ${end}${error === null ? '' : `: ${error}`}`,
            },
          ]),
    ]),
    ...history.passes.map(({ name, rule, restedAtMs }) => ({
      atMs: restedAtMs,
      text: `-- ${name} of ${rule} has come to rest`,
    })),
    { atMs: history.rest.healedAtMs, text: '-- from here on nothing fails' },
  ]
  return [
    `seed ${plan.seed}, a world of ${plan.world}${plan.eventsOnly ? ', by events alone' : ''}`,
    ...plan.sites.map(tellSite),
    ...plan.rules.map((rule) =>
      rule.kind === 'group'
        ? `group ${rule.id}: ${rule.among.join(', ')} under ${rule.prefix}`
        : `route ${rule.id}: ${rule.from} to ${rule.to.join(', ')} under ${rule.prefix}${rule.rename === null ? '' : ` as ${rule.rename.to}`}, deletes ${rule.deletes}${rule.tag === null ? '' : `, only ${rule.tag}`}, foreign ${rule.foreign}`,
    ),
    ...(plan.rollout === null
      ? []
      : [
          `rollout of another ${plan.rollout.what} from ${seconds(plan.rollout.atMs)} to ${seconds(plan.rollout.untilMs)}`,
        ]),
    '',
    ...lines.toSorted((a, b) => a.atMs - b.atMs).map(({ atMs, text }) => `${seconds(atMs)} ${text}`),
    '',
    ...violations.map(
      ({ law, what, site, key }) =>
        `BROKEN law ${law} (${laws[law]})${key === null ? '' : ` ${key}`}${site === null ? '' : ` at ${site}`}: ${what}`,
    ),
  ].join('\n')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3).padStart(9)}s`
}

function tellSite(site: Plan['sites'][number]): string {
  const more = [
    site.versioned ? '' : 'keeps no versions',
    site.joinedAtMs === null ? '' : `joins at ${site.joinedAtMs / 1000}s`,
    site.retiresAtMs === null ? '' : `retires at ${site.retiresAtMs / 1000}s`,
    site.ownAccount ? 'our writes filtered' : '',
    site.paced ? 'one write a second' : '',
  ].filter((text) => text !== '')
  return `site ${site.id}: clock ${site.skewMs >= 0 ? '+' : ''}${site.skewMs / 1000}s${more.length === 0 ? '' : `; ${more.join('; ')}`}`
}

function tellFault(fault: Fault): Line {
  const { kind, atMs, id: _id, ...more } = fault
  return {
    atMs,
    text: `!! ${kind} ${Object.entries(more)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ')}`,
  }
}

function tellChange(history: History, change: Change): Line {
  const version = change.version === null ? null : history.versions[change.version]!
  const deed =
    change.by === 'user'
      ? history.deeds.find((one) => one.site === change.site && one.key === change.key && one.atMs === change.atMs)
      : undefined
  const who = change.invocation === null ? tellDeed(deed) : `i${change.invocation}`
  const before = change.before === null ? '' : ` over v${change.before}`
  const hidden = change.kind === 'put' && change.after !== change.version ? ', behind it' : ''
  switch (change.kind) {
    case 'put':
      return {
        atMs: change.atMs,
        text: `${who} wrote ${change.key} at ${change.site}: ${tellVersion(version!)}${before}${hidden}`,
      }
    case 'delete':
      return { atMs: change.atMs, text: `${who} deleted ${change.key} at ${change.site}: v${change.before}` }
    case 'remove-version':
      return {
        atMs: change.atMs,
        text: `${who} removed v${change.version} of ${change.key} at ${change.site}; v${change.after} shows`,
      }
    case 'patch':
    case 'tags':
      return {
        atMs: change.atMs,
        text: `${who} changed ${change.kind} of v${change.version} of ${change.key} at ${change.site}`,
      }
  }
}

function tellDeed(deed: Deed | undefined): string {
  return deed === undefined ? 'a user' : `user ${deed.act} (${deed.kind})`
}

function tellVersion(version: Version): string {
  const { n, body, dateMs, mark, id } = version
  const named = namedBy(mark)
  const copy =
    named === null
      ? ''
      : `, marked as ${named.site}'s of ${clock(named.timeMs)} ${named.id.slice(0, 6)}${mark!.endsWith('a') ? ', onto nothing' : ''}`
  return `v${n} = #${actOf(body) ?? body.slice(0, 8)} (${clock(dateMs)} ${id.slice(-6)}${copy})`
}

/** A site's own date, from the world's beginning. */
function clock(ms: number): string {
  return ((ms - startMs) / 1000).toFixed(3)
}
