import { type Code, codes } from './codes.ts'
import { element, prolog, text } from './xml.ts'

export type Details = Readonly<Record<string, string>>

/** An answer that says no. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: Code
  readonly status: number
  /** Elements of their own beside code and message. */
  readonly details: Details
  readonly headers: Readonly<Record<string, string>>

  constructor(code: Code, details: Details = {}, headers: Readonly<Record<string, string>> = {}) {
    super(codes[code][1])
    this.code = code
    this.status = codes[code][0]
    this.details = details
    this.headers = headers
  }

  /** What goes over the wire: an unmet condition of a read has the code of any other. */
  get wireCode(): string {
    return this.code === 'NotModified' ? 'ConditionNotMet' : this.code
  }
}

export function headerRefused(name: string, value: string): Refusal {
  return new Refusal('InvalidHeaderValue', { HeaderName: name, HeaderValue: value })
}

export function parameterRefused(name: string, value: string, reason = ''): Refusal {
  const details = { QueryParameterName: name, QueryParameterValue: value }
  return new Refusal('InvalidQueryParameterValue', reason === '' ? details : { ...details, Reason: reason })
}

export function errorBody(refusal: Refusal, requestId: string, nowMs: number): string {
  const lines = [refusal.message, `RequestId:${requestId}`, `Time:${new Date(nowMs).toISOString()}`]
  const details = Object.entries(refusal.details).map(([name, value]) => element(name, text(value)))
  return `${prolog}${element('Error', `${element('Code', refusal.wireCode)}${element('Message', text(lines.join('\n')))}${details.join('')}`)}`
}
