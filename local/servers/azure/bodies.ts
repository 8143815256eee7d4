import { small } from '#local/servers/http/small.ts'
import type { Call } from './calls.ts'
import { checkSums, statedOf, sumsOf } from './checksums.ts'
import { Refusal } from './errors.ts'
import type { Sums } from '#local/servers/engine/model.ts'

/** A body says how long it is, before it is read. */
export function refuseLength({ header }: Pick<Call, 'header'>, most: number): number {
  const stated = header('content-length')
  if (stated === undefined) throw new Refusal('MissingContentLengthHeader')
  const length = Number(stated)
  if (length > most) throw new Refusal('RequestBodyTooLarge', { MaxLimit: String(most) })
  return length
}

/** A document that came as the body, held against the checksums that came with it. */
export async function documentOf(
  call: Call,
  most: number,
): Promise<{ readonly document: string; readonly sums: Sums }> {
  refuseLength(call, most)
  const bytes = await small(call.request, most)
  const sums = sumsOf(bytes)
  checkSums(sums, statedOf(call.header))
  return { document: new TextDecoder().decode(bytes), sums }
}
