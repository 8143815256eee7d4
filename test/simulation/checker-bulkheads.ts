import { actOf } from './bytes.ts'
import type { KeyFacts } from './checker-facts.ts'
import type { Violation } from './checker-laws.ts'
import type { Version } from './history.ts'
import { name } from './history.ts'

/** An event's way, one bounded look, a wait for a clock, the requests of a small object; a large one takes a second function, with its look, and parts. */
const reachMsMax = { small: 5_500, large: 8_500 }
const smallBytes = 128

/** Law 8: while one site is ill and all else is well, what is written at a well one reaches the others as if the ill one were not there. */
export function unhinderedOf(facts: KeyFacts): readonly Violation[] {
  const { ill } = facts.history
  if (ill === null) return []
  const well = facts.members.filter((site) => site !== ill.site)
  return facts.natives.flatMap((version) => {
    const untilMs = version.bornAtMs + (version.body.length > smallBytes ? reachMsMax.large : reachMsMax.small)
    if (
      !well.includes(version.site) ||
      version.by !== 'user' ||
      untilMs > ill.untilMs ||
      isDisturbed(facts, version, untilMs)
    )
      return []
    const missing = well.filter(
      (site) =>
        site !== version.site &&
        !facts.versions.some((one) => one.site === site && one.bornAtMs <= untilMs && facts.origin(one) === version),
    )
    return missing.map((site) => ({
      law: 8 as const,
      key: facts.key,
      site,
      atMs: untilMs,
      what: `${name(version)} had not come to ${site} after ${(untilMs - version.bornAtMs) / 1000} s, though only ${ill.site} was ill (act ${actOf(version.body)})`,
    }))
  })
}

/** Another act on the key is another story. */
function isDisturbed(facts: KeyFacts, version: Version, untilMs: number): boolean {
  return facts.changes.some(
    (change) =>
      change.by === 'user' &&
      change.version !== version.n &&
      change.atMs > version.bornAtMs - 20_000 &&
      change.atMs < untilMs,
  )
}
