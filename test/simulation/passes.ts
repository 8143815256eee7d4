import type { RuleId } from '#shared/kernel/ids.ts'
import { deepPass } from '#shared/reconcile/deep.ts'
import { reconcile } from '#shared/reconcile/run.ts'
import type { Cloud } from './cloud.ts'
import type { World } from './world.ts'

/** More than any world has deaths. */
const attemptsMax = 30

/** One whole pass over a rule, a bounded invocation at a time. One that died or was thrown is done again from where it began. */
export function passOver(
  world: World,
  cloud: Cloud,
  rule: RuleId,
  deep: boolean,
  ended: (whole: boolean) => void,
): void {
  const pass = deep ? deepPass : reconcile
  const name = deep ? 'deep pass' : 'reconcile'
  const later = (inMs: number, then: () => void) => {
    world.outstanding++
    world.timeline.after(inMs, () => {
      world.outstanding--
      then()
    })
  }
  const step = (cursor: string | null, attempts: number) => {
    const back = (inMs: number) => {
      if (attempts === attemptsMax) return ended(false)
      later(inMs, () => step(cursor, attempts + 1))
    }
    cloud.invoke(`${name} of ${rule}`, 'pass', {
      work: (process, signal) => pass(rule, cursor, process.core, signal),
      done: (process, invocation, { receipts, again, next, delayMs }) => {
        for (const receipt of receipts) world.recorder.receipt(invocation.n, receipt)
        for (const one of again) {
          if (process.called('send') !== 'lives') return
          cloud.send(one.message, one.delayMs, one.queue)
        }
        if (process.called('acknowledge') !== 'lives') return
        if (next !== null) later(delayMs, () => step(next, 0))
        else ended(true)
      },
      lost: back,
      thrown: (_error, inMs) => back(inMs),
    })
  }
  step(null, 0)
}
