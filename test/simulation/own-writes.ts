import { rulesAt, sourceKey } from '#shared/config/rules-at.ts'
import type { Config, Rule } from '#shared/config/model.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'

/**
 * Whether what one rule writes to this key here is news for another one: where it is not, a site whose cloud filters our own writes
 * tells nothing of them. A cloud can filter no better than this; `cdk/aws/echoes.ts`, which knows only prefixes, filters less.
 */
export function isNewsForAnother(config: Config, site: SiteId, key: Key): boolean {
  const started = rulesAt(config, site, key)
  const writing: readonly Rule[] = [
    ...started.filter(({ kind }) => kind === 'group'),
    ...config.routes.filter((route) => route.to.includes(site) && sourceKey(route, key) !== null),
  ]
  return writing.some((writer) => started.some((rule) => rule !== writer))
}
