import { isGroup, type ConfigDocument } from './document.ts'
import { issue, type ConfigIssue } from './issue.ts'
import { placeOf } from './place.ts'
import { show } from './show.ts'

/** Each member of a group keeps a record of all, so that no single bucket's loss makes anybody seem out: two that share one keep half of that. */
export function checkControls({ sites, replicate }: ConfigDocument): readonly ConfigIssue[] {
  const groups = replicate.filter(isGroup)
  return Object.entries(sites).flatMap(([id, site], index) => {
    const { control } = site
    if (control === undefined) return []
    const where = placeOf(site, control)
    const earlier = Object.entries(sites)
      .slice(0, index)
      .filter(([, other]) => other.control !== undefined && placeOf(other, other.control) === where)
    const shared = groups.flatMap((group) =>
      earlier.flatMap(([other]) => (group.among.includes(id) && group.among.includes(other) ? [{ group, other }] : [])),
    )
    const [first] = shared
    if (first === undefined) return []
    const expected = `a place of its own: ${first.other} keeps what group ${first.group.id} remembers there too`
    return [issue(['sites', id, 'control'], show(control), expected)]
  })
}
