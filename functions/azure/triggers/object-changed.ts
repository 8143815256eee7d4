import type { InvocationContext } from '@azure/functions'
import { deadline, handle, type Work } from '#functions/handle.ts'
import { noticeOf } from '#azure/event.ts'

/**
 * For a queue's trigger and for Event Grid's own: each hands over one entry or event at a time. One that keeps throwing the queue's host moves to
 * the poison queue whole; Event Grid gives it again for a day, and then to its own dead letters, where it has been told of any.
 */
export function objectChanged(work: Work): (entry: unknown, context: InvocationContext) => Promise<void> {
  return async (entry) => handle(() => [noticeOf(entry, work.core.config)], work, deadline(work))
}
