import { cloudOf, type Cloud } from '#shared/config/place.ts'
import type { Config, Rule } from '#shared/config/model.ts'
import type { RuleId } from '#shared/kernel/ids.ts'
import type { Pass } from '#shared/reconcile/model.ts'
import type { Core } from '#shared/replication/core.ts'

/** A pass over one rule, where its next invocation goes on. Delivered twice it is walked twice, which costs listings and nothing else. */
export interface Passage {
  readonly kind: 'pass'
  readonly rule: RuleId
  /** Over every version that is kept, and tags. */
  readonly deep: boolean
  /** `null`: from its beginning. */
  readonly cursor: string | null
}

/** What a timer of one cloud sets going. */
export function passagesFrom(config: Config, cloud: Cloud, deep: boolean): readonly Passage[] {
  return [...config.groups, ...config.routes]
    .filter((rule) => homeOf(config, rule) === cloud)
    .map(({ id: rule }) => ({ kind: 'pass', rule, deep, cursor: null }))
}

/** A rule is walked from one cloud: that of the first of its sites that lies in any. */
function homeOf({ sites }: Config, rule: Rule): Cloud | null {
  const ids = rule.kind === 'group' ? rule.members : [rule.from, ...rule.to]
  return ids.flatMap((id) => cloudOf(sites.get(id)!) ?? [])[0] ?? null
}

/** Loaded here: most functions never walk. */
export async function runPassage({ rule, deep, cursor }: Passage, core: Core, signal: AbortSignal): Promise<Pass> {
  const { deepPass } = await import('#shared/reconcile/deep.ts')
  const { reconcile } = await import('#shared/reconcile/run.ts')
  return (deep ? deepPass : reconcile)(rule, cursor, core, signal)
}

/** What is left of it for the next invocation. */
export function restOf(passage: Passage, { next }: Pass): Passage | null {
  return next === null ? null : { ...passage, cursor: next }
}
