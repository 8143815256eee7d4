import type { Law } from './checker-laws.ts'
import type { Plan, RulePlan } from './plan.ts'
import { live, type Lived } from './simulate.ts'

/** Tries without end would be no service to who waits. */
const triesMax = 400

/** The smallest plan found that still breaks the law: parts are left out one by one for as long as it does. `relive`: on its own ground. */
export function shrink(lived: Lived, law: Law, relive: (plan: Plan) => Lived = live, most: number = triesMax): Lived {
  let least = lived
  let tries = 0
  for (let improved = true; improved && tries < most;) {
    improved = false
    for (const smaller of smallerThan(least.plan)) {
      if (++tries > most) break
      const again = relive(smaller)
      if (!again.violations.some((violation) => violation.law === law)) continue
      least = again
      improved = true
      break
    }
  }
  return least
}

function* smallerThan(plan: Plan): Generator<Plan> {
  for (let i = plan.acts.length - 1; i >= 0; i--) yield { ...plan, acts: plan.acts.toSpliced(i, 1) }
  for (let i = plan.faults.length - 1; i >= 0; i--) yield { ...plan, faults: plan.faults.toSpliced(i, 1) }
  if (plan.timers.length > 0) yield { ...plan, timers: [] }
  if (plan.rollout !== null) yield { ...plan, rollout: null }
  for (const site of plan.sites) {
    const without = withoutSite(plan, site.id)
    if (without !== null) yield without
  }
  for (const [i, site] of plan.sites.entries()) {
    if (site.skewMs !== 0) yield { ...plan, sites: plan.sites.with(i, { ...site, skewMs: 0 }) }
    if (site.paced || site.ownAccount)
      yield { ...plan, sites: plan.sites.with(i, { ...site, paced: false, ownAccount: false }) }
  }
  for (const [i, act] of plan.acts.entries())
    if ('size' in act && act.size !== 'small') yield { ...plan, acts: plan.acts.with(i, { ...act, size: 'small' }) }
}

/** A group keeps two members, a route its ends. */
function withoutSite(plan: Plan, id: string): Plan | null {
  const rules: RulePlan[] = []
  for (const rule of plan.rules) {
    if (rule.kind === 'group') {
      const among = rule.among.filter((member) => member !== id)
      if (among.length < 2) return null
      rules.push({ ...rule, among })
    } else if (rule.from !== id) {
      const to = rule.to.filter((target) => target !== id)
      if (to.length > 0) rules.push({ ...rule, to })
    }
  }
  if (rules.length === 0) return null
  const covered = (key: string) => rules.some((rule) => key.startsWith(rule.prefix))
  return {
    ...plan,
    sites: plan.sites.filter((site) => site.id !== id),
    rules,
    acts: plan.acts.filter((act) => act.site !== id && covered(act.key)),
    faults: plan.faults.filter((fault) => fault.site !== id && !('cloud' in fault && fault.cloud === id)),
    timers: plan.timers.filter((timer) => timer.site !== id && rules.some((rule) => rule.id === timer.rule)),
  }
}
