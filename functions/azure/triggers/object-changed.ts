import type { StorageQueueHandler } from '@azure/functions'
import { deadline, handle, type Work } from '#functions/handle.ts'
import { noticeOf } from '#azure/event.ts'

/** The host hands over one entry at a time; one that keeps throwing it moves to the poison queue whole. */
export function objectChanged(work: Work): StorageQueueHandler {
  return async (entry) => handle(() => noticeOf(entry, work.core.config), work, deadline(work))
}
