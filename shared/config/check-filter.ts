import { escaped, meetsPrefix, type Glob } from './glob.ts'
import { issue, type ConfigIssue, type Place } from './issue.ts'
import type { KeyFilter } from './key-filter.ts'
import { narrower, rangeOf } from './key-range.ts'
import { show } from './show.ts'
import { someKey } from './some-key.ts'

/** A pattern that can match nothing is a slip: in `include` it would pass for replication, in `exclude` for keys withheld. */
export function checkFilter(keys: KeyFilter, place: Place): readonly ConfigIssue[] {
  return [...checkInclude(keys, place), ...checkExclude(keys, place), ...checkRest(keys, place)]
}

function checkInclude({ prefix, include, exclude }: KeyFilter, place: Place): readonly ConfigIssue[] {
  return include.flatMap((glob, at) => {
    const { text, head } = glob
    const here = [...place, 'include', at]
    const shared = meetsPrefix(glob, prefix) ? narrower(prefix, head) : null
    if (shared === null) return [issue(here, show(text), `a pattern of keys under the prefix ${whole(prefix, text)}`)]
    return isLeft(shared, [glob], exclude) ? [] : [issue(here, show(text), 'a pattern of keys that "exclude" leaves')]
  })
}

/** Told by beginnings: `exclude` may name endings that `include` does not take, as a list for several rules does. */
function checkExclude(keys: KeyFilter, place: Place): readonly ConfigIssue[] {
  const heads = [...new Set(rangeOf(keys).heads)]
  const [head] = heads
  if (head === undefined) return []
  return keys.exclude.flatMap((glob, at) => {
    if (heads.some((each) => meetsPrefix(glob, each))) return []
    const taken = heads.length === 1 ? `begin with ${whole(head, glob.text)}` : 'begin as one of "include" does'
    return [issue([...place, 'exclude', at], show(glob.text), `a pattern of keys that ${taken}`)]
  })
}

function checkRest({ prefix, include, exclude }: KeyFilter, place: Place): readonly ConfigIssue[] {
  if (include.length > 0 || isLeft(prefix, [], exclude)) return []
  return [issue([...place, 'exclude'], 'patterns that take every key of the rule', 'some key to be left')]
}

/** A folder, and how a pattern that was taken for one within it is written as one of whole keys. */
function whole(head: string, text: string): string {
  const meant = head.endsWith('/') ? `, such as ${show(escaped(head) + text.replace(/^\//, ''))}` : ''
  return show(head) + meant
}

/** Where all of `exclude` together are too many to search, each of them alone is looked at. */
function isLeft(head: string, all: readonly Glob[], exclude: readonly Glob[]): boolean {
  if (exclude.length === 0) return true
  return someKey(head, all, exclude) ?? exclude.every((one) => someKey(head, all, [one]) !== false)
}
