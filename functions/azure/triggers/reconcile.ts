import type { TimerHandler } from '@azure/functions'
import { setGoing, type Work } from '#functions/handle.ts'

export function reconcile(work: Work, deep: boolean): TimerHandler {
  return async () => setGoing(work, 'azure', deep)
}
