import { Refusal } from './errors.ts'

/**
 * Troubles that S3 has and a local disk has not; a test asks for them by name.
 * `customer-key`: not told and not read without the key's headers. `kms-denied`: the key that encrypts may not be used. `locked`: no
 * version goes. `requester-pays`: only for who says so. `throttled`: slow down. An archived object needs none: it is one that was put
 * with the storage class GLACIER or DEEP_ARCHIVE.
 */
export type Outcome = 'customer-key' | 'kms-denied' | 'locked' | 'requester-pays' | 'throttled'

/** One key, or all of a bucket. */
export interface Place {
  readonly bucket: string
  readonly key?: string
}

/** What goes wrong where. Kept in memory: it ends with the server. */
export class Outcomes {
  readonly #set = new Set<string>()
  /** By how much this server's clock is off: beyond 15 minutes every client is refused. */
  skewMs = 0

  begin(outcome: Outcome, place: Place): void {
    this.#set.add(nameOf(outcome, place))
  }

  end(outcome: Outcome, place: Place): void {
    this.#set.delete(nameOf(outcome, place))
  }

  meets(outcome: Outcome, { bucket, key }: Place): boolean {
    if (this.#set.size === 0) return false
    return (
      this.#set.has(nameOf(outcome, { bucket })) ||
      (key !== undefined && this.#set.has(nameOf(outcome, { bucket, key })))
    )
  }
}

function nameOf(outcome: Outcome, { bucket, key }: Place): string {
  return JSON.stringify([outcome, bucket, key ?? null])
}

type RequestHeaders = ReadonlyMap<string, string>

/** Before anything else is looked at. */
export function checkAdmission(outcomes: Outcomes, place: Place, headers: RequestHeaders): void {
  if (outcomes.meets('throttled', place)) throw slowDown()
  if (!outcomes.meets('requester-pays', place) || headers.get('x-amz-request-payer') === 'requester') return
  throw new Refusal('AccessDenied', 'This bucket is for requesters who pay: send x-amz-request-payer.')
}

export function slowDown(): Refusal {
  return new Refusal('SlowDown', 'More requests than this place bears: slow down.')
}

/** Whether an object may be told of. `customerKey`: the header that says by which algorithm the caller's own key encrypts. */
export function checkCustomerKey(outcomes: Outcomes, place: Place, headers: RequestHeaders, customerKey: string): void {
  const encrypted = outcomes.meets('customer-key', place)
  const brought = headers.has(customerKey)
  if (encrypted === brought) return
  const message = encrypted
    ? 'The object is encrypted with a customer’s key, which this request does not bring.'
    : 'The object is not encrypted with a customer’s key, and this request brings one.'
  throw new Refusal('InvalidRequest', message)
}

/** Whether the key that encrypts an object may be used. */
export function checkKms(outcomes: Outcomes, place: Place, action: 'kms:Decrypt' | 'kms:GenerateDataKey'): void {
  if (!outcomes.meets('kms-denied', place)) return
  const message = `No policy of the KMS key that encrypts this object lets the caller do ${action}.`
  throw new Refusal('AccessDenied', message)
}

/** Whether a version may go for good. */
export function checkLock(outcomes: Outcomes, place: Place): void {
  if (!outcomes.meets('locked', place)) return
  throw new Refusal('AccessDenied', 'An object lock protects this version.')
}
