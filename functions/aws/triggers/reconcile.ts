import { setGoing, type Work } from '#functions/handle.ts'

/** EventBridge Scheduler's input: which of the two passes. What it sends by itself is the ordinary one's. */
interface Timer {
  readonly deep?: unknown
}

export function reconcile(work: Work): (timer: Timer) => Promise<void> {
  return async ({ deep }) => setGoing(work, 'aws', deep === true)
}
