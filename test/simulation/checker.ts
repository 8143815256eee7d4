import { boundedOf, defectsOf, echoesOf, poisonOf, silentOf } from './checker-bounds.ts'
import { unhinderedOf } from './checker-bulkheads.ts'
import { adoptedOf, agreementOf, endOf, hintsOf } from './checker-end.ts'
import { type GroupFacts, KeyFacts } from './checker-facts.ts'
import { keptOf, reportedOf, soundOf, sparedOf } from './checker-keeps.ts'
import type { Exception, Findings, Violation } from './checker-laws.ts'
import { pastOf } from './checker-past.ts'
import { leftAloneOf, routeOf } from './checker-route.ts'
import { hasIndistinctVersions } from './checker-winner.ts'
import type { History } from './history.ts'

/**
 * Judges a run by what users did and what the stores hold and held, and by nothing else: no code of the core or of the stores is used here.
 * Each law is a function of its own; the first that speaks of a key is the one to read.
 */
export function check(history: History): Findings {
  const violations: Violation[] = [...defectsOf(history), ...soundOf(history)]
  const exceptions: Exception[] = []
  const atRest = history.rest.quietAtMs !== null
  for (const rule of history.rules) {
    if (rule.kind === 'route') {
      const leftAlone = leftAloneOf(history, rule, history.rules)
      violations.push(...leftAlone.violations)
      exceptions.push(...leftAlone.exceptions)
      if (atRest) violations.push(...routeOf(history, rule, history.rules))
      continue
    }
    for (const facts of keysOf(history, rule)) {
      const past = pastOf(facts)
      const reported = reportedOf(facts, past.exceptions.length > 0)
      violations.push(
        ...past.violations,
        ...reported.violations,
        ...sparedOf(facts),
        ...adoptedOf(facts),
        ...unhinderedOf(facts),
      )
      exceptions.push(...past.exceptions, ...reported.exceptions)
      if (!atRest) continue
      // Which version won is part of an exception. That all agree is reconcile's to bring about: with events alone nobody comes back.
      const agreement = history.passes.length > 0 ? agreementOf(facts) : []
      if (past.exceptions.length > 0) {
        violations.push(...agreement)
        continue
      }
      const end = [
        ...endOf(facts),
        ...hintsOf(
          facts,
          history.passes.find((pass) => pass.name === 'reconcile' && pass.rule === rule.id),
        ),
      ]
      const [first] = end
      if (first !== undefined && hasIndistinctVersions(facts)) {
        exceptions.push({
          key: facts.key,
          site: first.site ?? '',
          atMs: first.atMs ?? 0,
          what: `equal bytes in one second: ${first.what}`,
        })
        violations.push(...agreement)
      } else violations.push(...end)
    }
  }
  violations.push(
    ...keptOf(history),
    ...silentOf(history),
    ...echoesOf(history),
    ...boundedOf(history),
    ...poisonOf(history),
  )
  return { violations, exceptions }
}

function keysOf(history: History, group: GroupFacts): readonly KeyFacts[] {
  const keys = new Set(
    history.versions
      .filter(({ key, site }) => key.startsWith(group.prefix) && group.among.includes(site))
      .map(({ key }) => key),
  )
  const sites = new Map(history.sites.map((site) => [site.id, site]))
  return [...keys].map((key) => new KeyFacts(history, group, key, sites))
}
