import { issue, type ConfigIssue } from './issue.ts'
import type { Guards } from './model.ts'
import type { Reach } from './reach.ts'
import { show } from './show.ts'

/** A rule's limit above that of all rules together is never met: it would pass for the one that holds. */
export function checkGuards(reaches: readonly Reach[], whole: Guards): readonly ConfigIssue[] {
  return reaches.flatMap(({ rule: { guards }, at }) => {
    const limits = [
      { place: ['maxBytesPerDay'], own: guards.maxBytesPerDay, most: whole.maxBytesPerDay },
      { place: ['deletes', 'perHour'], own: guards.deletes.perHour, most: whole.deletes.perHour },
    ]
    return limits.flatMap(({ place, own, most }) => {
      if (own === null || most === null || own <= most) return []
      const expected = `at most ${most}, as all rules together may have by guards.${place.join('.')}`
      return [issue(['replicate', at, 'guards', ...place], show(own), expected)]
    })
  })
}
