import type { CloudEventFunction } from '@google-cloud/functions-framework'
import { withTransfers, type Work } from '#functions/handle.ts'
import { objectChanged } from './object-changed.ts'

/** What is too large for one write, by a function that may take the time. The target's own list of parts is where the next one goes on. */
export function transferPart(work: Work): CloudEventFunction {
  return objectChanged(withTransfers(work))
}
