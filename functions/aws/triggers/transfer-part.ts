import type { MiddyfiedHandler } from '@middy/core'
import type { SQSBatchResponse } from 'aws-lambda'
import { withTransfers, type Work } from '#functions/handle.ts'
import { objectChanged } from './object-changed.ts'

/** What is too large for one write, by a function that may take the time. The target's own list of parts is where the next one goes on. */
export function transferPart(work: Work): MiddyfiedHandler<unknown, SQSBatchResponse> {
  return objectChanged(withTransfers(work))
}
