import type { Answer } from '#local/servers/http/answer.ts'
import { type Call, containerOf, httpDate, said } from './calls.ts'
import { headerRefused } from './errors.ts'
import { blobOf } from './lookup.ts'
import { annotate } from './succession.ts'

/** Set Blob Legal Hold, of any version. */
export function setLegalHold(call: Call): Answer {
  const wanted = call.header('x-ms-legal-hold')?.toLowerCase()
  if (wanted !== 'true' && wanted !== 'false') throw headerRefused('x-ms-legal-hold', wanted ?? '')
  containerOf(call).transact((change) => annotate(change, blobOf(change, call).entry, { legalHold: wanted === 'true' }))
  return said(200, { 'x-ms-legal-hold': wanted })
}

/** Set and Delete Blob Immutability Policy, of any version; unlocked ones, which can be taken back. */
export function setImmutability(call: Call): Answer {
  const until = call.header('x-ms-immutability-policy-until-date')
  const immutableUntilMs = call.request.method === 'DELETE' ? null : Date.parse(until ?? '')
  if (immutableUntilMs !== null && !(immutableUntilMs > call.nowMs)) {
    throw headerRefused('x-ms-immutability-policy-until-date', until ?? '')
  }
  containerOf(call).transact((change) => annotate(change, blobOf(change, call).entry, { immutableUntilMs }))
  if (immutableUntilMs === null) return said(200)
  return said(200, {
    'x-ms-immutability-policy-until-date': httpDate(immutableUntilMs),
    'x-ms-immutability-policy-mode': 'unlocked',
  })
}
