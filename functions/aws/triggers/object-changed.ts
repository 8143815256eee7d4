// oxlint-disable-next-line import/no-named-as-default -- its types know no other export
import middy, { type MiddyfiedHandler } from '@middy/core'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod'
import { deadline, handle, type Work } from '#functions/handle.ts'
import { parse } from '#functions/notice.ts'
import { noticeOf } from '#aws/event.ts'

const batch = z.object({
  Records: z.array(z.object({ messageId: z.string('a message id'), body: z.string('a text') }, 'an object'), 'a list'),
})

/** Each record by itself: what one of them brings back, or poisons, delays no other. */
export function objectChanged(work: Work): MiddyfiedHandler<SQSEvent, SQSBatchResponse> {
  return middy<SQSEvent, SQSBatchResponse>()
    .before(({ event }) => void parse(batch, event))
    .handler(async ({ Records: records }) => {
      const signal = deadline(work)
      const { config } = work.core
      const ends = await Promise.allSettled(
        records.map(({ body }) => handle(() => noticeOf(body, config), work, signal)),
      )
      const failed = records.filter((_, at) => ends[at]?.status === 'rejected')
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
    })
}
