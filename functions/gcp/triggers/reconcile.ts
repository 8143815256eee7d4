import type { CloudEventFunction } from '@google-cloud/functions-framework'
import { setGoing, type Work } from '#functions/handle.ts'

/** By a message that Cloud Scheduler publishes, whatever it says. */
export function reconcile(work: Work, deep: boolean): CloudEventFunction {
  return async () => setGoing(work, 'gcp', deep)
}
