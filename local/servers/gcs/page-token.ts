import * as z from 'zod'
import type { ListQuery } from '#local/servers/engine/model.ts'
import { refuseParameter } from './refusals.ts'

const schema = z.union([
  z.strictObject({ key: z.string(), order: z.number().optional() }),
  z.strictObject({ commonPrefix: z.string() }),
])

/** Where a page ended, as a client carries it to the next. */
export function writePageToken(end: NonNullable<ListQuery['after']>): string {
  return Buffer.from(JSON.stringify(end)).toString('base64url')
}

export function readPageToken(token: string): NonNullable<ListQuery['after']> {
  const result = schema.safeParse(parse(token))
  if (!result.success) return refuseParameter('pageToken', token, 'the token of the page before')
  if ('commonPrefix' in result.data) return result.data
  const { key, order } = result.data
  return order === undefined ? { key } : { key, order }
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch {
    return null
  }
}
