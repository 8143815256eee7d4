declare const brand: unique symbol

/** A type that only its own constructor makes: a plain string is not accepted in its place. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Names one bucket in one cloud, for ever: an id is never used again for another place. */
export type SiteId = Brand<string, 'SiteId'>

/** Names one entry of `replicate`: a group or a route. */
export type RuleId = Brand<string, 'RuleId'>

/** Short, lower case, no dot: ids stand inside marks, object names and log fields. */
export const idPattern: RegExp = /^[a-z][a-z0-9-]{0,23}$/

export function isId(text: string): boolean {
  return idPattern.test(text)
}

/** The one place where a string becomes a site's id; the configuration has checked it. */
export function siteId(text: string): SiteId {
  if (!isId(text)) throw new RangeError(`site id ${JSON.stringify(text)}: expected ${idPattern}`)
  return text as SiteId
}

export function ruleId(text: string): RuleId {
  if (!isId(text)) throw new RangeError(`rule id ${JSON.stringify(text)}: expected ${idPattern}`)
  return text as RuleId
}
