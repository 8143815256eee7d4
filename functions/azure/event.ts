import type { Config } from '#shared/config/model.ts'
import { ownMessage } from '#functions/message.ts'
import { type Notice, parseJson } from '#functions/notice.ts'
import { fromEventGrid } from './forms/event-grid.ts'
import { noticeOf as noticeOfTold } from './forms/told.ts'

/**
 * One entry of a Storage Queue: an event that Event Grid put there, or a message of our own. The host has taken the base64 off
 * and the library has parsed the JSON; a host set to `messageEncoding: none` leaves both to us. Or the event itself, as a trigger of
 * Event Grid hands it over.
 */
export function noticeOf(entry: unknown, config: Config): Notice {
  const value = typeof entry === 'string' ? parseJson(Buffer.from(entry, 'base64').toString(), 'message') : entry
  const own = ownMessage(value)
  return own === null ? noticeOfTold(fromEventGrid(value), config) : { message: own }
}
