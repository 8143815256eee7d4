import type { Config } from '#shared/config/model.ts'
import { meeting } from '#shared/config/key-range.ts'
import { reachOf } from '#shared/config/reach.ts'
import type { SiteId } from '#shared/kernel/ids.ts'

/**
 * Whether what one rule writes at this site can be news for another, as far as prefixes tell: then no event may be dropped
 * because its writer was ours.
 */
export function writesAreNews(config: Config, site: SiteId): boolean {
  const reaches = [...config.groups, ...config.routes].map(reachOf)
  const writing = reaches.filter(({ rule }) => (rule.kind === 'group' ? rule.members : rule.to).includes(site))
  const starting = reaches.filter(({ rule }) =>
    rule.kind === 'group' ? rule.members.includes(site) : rule.from === site,
  )
  return writing.some(({ rule, writes }) =>
    starting.some((other) => other.rule !== rule && meeting(writes, other.reads) !== null),
  )
}
