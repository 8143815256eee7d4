import { build } from './build.ts'
import { checkClasses } from './check-classes.ts'
import { checkControls } from './check-controls.ts'
import { checkCycles } from './check-cycles.ts'
import { checkOverlaps } from './check-overlaps.ts'
import { checkReferences } from './check-references.ts'
import { checkRules } from './check-rules.ts'
import { checkSites } from './check-sites.ts'
import { checkStays } from './check-stays.ts'
import { checkTags } from './check-tags.ts'
import { isGroup } from './document.ts'
import { ConfigError, type ConfigIssue } from './issue.ts'
import type { Config } from './model.ts'
import { isGroupReach, isRouteReach, reachOf } from './reach.ts'
import { readJson } from './read-json.ts'
import { checkShape } from './shape.ts'

/**
 * The text of `isobar.config.json`, whole and sound, or a `ConfigError` that names every mistake of the first kind met:
 * what is not JSON, what has the wrong shape, names that mean nothing, rules that contradict themselves or each other.
 */
export function parseConfig(text: string): Config {
  const document = checkShape(readJson(text))
  refuse([...checkSites(document), ...checkReferences(document), ...checkControls(document)])

  const { config, rules } = build(document)
  const reaches = rules.map(reachOf)
  refuse(checkRules(reaches, config.sites))

  const groups = reaches.filter(isGroupReach)
  const routes = reaches.filter(isRouteReach)
  const intoGroup = (at: number): boolean => {
    const rule = document.replicate[at]
    return rule !== undefined && !isGroup(rule) && rule.intoGroup
  }
  refuse([
    ...checkOverlaps(groups, routes, intoGroup),
    ...checkCycles(groups, routes),
    ...checkStays(reaches, config.stays),
    ...checkClasses(groups, routes, config.sites),
    ...checkTags(groups, routes, config.sites),
  ])
  return config
}

function refuse(issues: readonly ConfigIssue[]): void {
  if (issues.length > 0) throw new ConfigError(issues)
}
