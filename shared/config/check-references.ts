import {
  isGroup,
  type ConfigDocument,
  type RouteDocument,
  type RuleDocument,
  type SiteDocument,
  type StayDocument,
} from './document.ts'
import { issue, type ConfigIssue, type Place } from './issue.ts'
import { oneOf } from './nearest.ts'
import { show } from './show.ts'
import { classesOf } from './storage-class.ts'

/** That every name means something: sites, regions, classes; and that no rule goes by another's. */
export function checkReferences(document: ConfigDocument): readonly ConfigIssue[] {
  return [
    ...document.replicate.flatMap((rule, at) => checkRule(document, rule, ['replicate', at])),
    ...twice(document.replicate.map(({ id }) => id)).map(({ at, first, value }) =>
      issue(['replicate', at, 'id'], show(value), `an id of its own: replicate[${first}] has this one`),
    ),
    ...document.stay.flatMap((stay, at) => checkStay(document, stay, ['stay', at])),
  ]
}

function checkRule(document: ConfigDocument, rule: RuleDocument, place: Place): readonly ConfigIssue[] {
  const written = isGroup(rule) ? rule.among : rule.to
  const field = isGroup(rule) ? 'among' : 'to'
  return [
    ...written.flatMap((site, at) => checkSiteRef(document, site, [...place, field, at])),
    ...twice(written).map(({ at, first, value }) =>
      issue([...place, field, at], show(value), `each site once: ${field}[${first}] is the same`),
    ),
    ...(isGroup(rule) ? [] : checkSource(document, rule, place)),
    ...Object.entries(rule.storageClass).flatMap(([site, name]) =>
      checkClass(document, written, site, name, [...place, 'storageClass', site]),
    ),
  ]
}

function checkSource(document: ConfigDocument, route: RouteDocument, place: Place): readonly ConfigIssue[] {
  const own = route.to.indexOf(route.from)
  return [
    ...checkSiteRef(document, route.from, [...place, 'from']),
    ...(own === -1 ? [] : [issue([...place, 'to', own], show(route.from), 'a site other than the route’s source')]),
  ]
}

function checkSiteRef({ sites }: ConfigDocument, id: string, place: Place): readonly ConfigIssue[] {
  const site = siteAt(sites, id)
  if (site === undefined) {
    const active = Object.keys(sites).filter((known) => sites[known]?.retired === false)
    return [issue(place, show(id), oneOf('one of the sites', active, id))]
  }
  return site.retired ? [issue(place, show(id), 'a site that is not retired')] : []
}

/** Only what the document says: every object also answers to names such as `constructor`. */
function siteAt(sites: ConfigDocument['sites'], id: string): SiteDocument | undefined {
  return Object.hasOwn(sites, id) ? sites[id] : undefined
}

function checkClass(
  { sites }: ConfigDocument,
  written: readonly string[],
  id: string,
  name: string,
  place: Place,
): readonly ConfigIssue[] {
  if (!written.includes(id)) {
    return [issue(place, show(id), oneOf('one of the sites that the rule writes', written, id))]
  }
  const site = siteAt(sites, id)
  const known = site === undefined ? null : classesOf(site)
  if (known === null) return /^[\w-]{1,64}$/.test(name) ? [] : [issue(place, show(name), 'a storage class')]
  return known.includes(name) ? [] : [issue(place, show(name), oneOf('one of the classes there', known, name))]
}

function checkStay(document: ConfigDocument, stay: StayDocument, place: Place): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = []
  if ((stay.prefix === undefined) === (stay.include === undefined)) {
    issues.push(issue(place, stay.prefix === undefined ? 'neither' : 'both', 'either "prefix" or "include"'))
  }
  if ((stay.sites === undefined) === (stay.regions === undefined)) {
    issues.push(issue(place, stay.sites === undefined ? 'neither' : 'both', 'either "sites" or "regions"'))
  }
  const all = Object.values(document.sites)
  const regions = [...new Set(all.flatMap(({ region }) => region ?? []))]
  for (const [at, id] of (stay.sites ?? []).entries()) {
    issues.push(...checkSiteRef(document, id, [...place, 'sites', at]))
  }
  for (const [at, region] of (stay.regions ?? []).entries()) {
    if (regions.includes(region)) continue
    issues.push(issue([...place, 'regions', at], show(region), oneOf('one of the sites’ regions', regions, region)))
  }
  return issues
}

/** What stands in a list a second time, and where it stood first. */
function twice(values: readonly string[]): readonly { at: number; first: number; value: string }[] {
  return values.flatMap((value, at) => {
    const first = values.indexOf(value)
    return first === at ? [] : [{ at, first, value }]
  })
}
