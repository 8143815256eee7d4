// oxlint-disable-next-line import/no-named-as-default -- its types know no other export
import middy, { type MiddyfiedHandler } from '@middy/core'
import type { SQSBatchResponse } from 'aws-lambda'
import { deadline, handleAll, type Work } from '#functions/handle.ts'
import { deliveriesOf } from '#aws/event.ts'

/**
 * A batch of SQS is answered message by message. Whatever else Lambda was handed it gives again as a whole, and then puts aside: one failure
 * fails it.
 */
export function objectChanged(work: Work): MiddyfiedHandler<unknown, SQSBatchResponse> {
  return middy<unknown, SQSBatchResponse>().handler(async (payload, context) => {
    const { config } = work.core
    const deliveries = deliveriesOf(payload)
    const reads = deliveries.map((delivery) => () => delivery.read(config))
    const ends = await handleAll(reads, work, deadline(work, context.getRemainingTimeInMillis()))
    const failed = ends.flatMap((end, at) => (end.done ? [] : [{ id: deliveries[at]!.id, why: end.why }]))
    const whole = failed.find(({ id }) => id === null)
    if (whole !== undefined) throw whole.why
    return { batchItemFailures: failed.flatMap(({ id }) => (id === null ? [] : [{ itemIdentifier: id }])) }
  })
}
