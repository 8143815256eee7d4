import type { CloudEventFunction } from '@google-cloud/functions-framework'
import { deadline, handle, type Work } from '#functions/handle.ts'
import { noticeOf } from '#gcp/event.ts'

/** One CloudEvent at a time; one that throws is answered with an error, and its subscription delivers it again or puts it aside whole. */
export function objectChanged(work: Work): CloudEventFunction {
  return async (cloudEvent) => handle(() => [noticeOf(cloudEvent, work.core.config)], work, deadline(work))
}
