import type { Failure } from '#shared/kernel/failure.ts'
import type { RuleId, SiteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import type { Action, Again, Message, Outcome, Receipt } from './model.ts'

/** Gathers what one invocation did to one key, and what it leaves to a later one. */
export class Ledger {
  readonly #rule: RuleId
  readonly #key: Key
  readonly #receipts: Receipt[] = []
  readonly #again: Again[] = []
  readonly #missed = new Set<SiteId>()

  constructor(rule: RuleId, key: Key) {
    this.#rule = rule
    this.#key = key
  }

  note(action: Action, site: SiteId, why: string, more: Partial<Receipt> = {}): void {
    this.#receipts.push({
      action,
      rule: this.#rule,
      key: this.#key,
      site,
      stamp: null,
      loser: null,
      bytes: 0,
      parts: 0,
      lagMs: null,
      checksum: null,
      why,
      ...more,
    })
  }

  /** A native version is no longer shown; it is kept, and this is where. */
  conflict(site: SiteId, winner: Stamp, loser: Stamp): void {
    this.note('conflict', site, 'a version that a user wrote here is kept as a noncurrent one', {
      stamp: winner,
      loser,
    })
  }

  /** Only a person can end it: reported, and tried again by reconcile. */
  parked(site: SiteId, failure: Failure): void {
    this.note('parked', site, failure.message)
  }

  deferred(site: SiteId, message: Message, delayMs: number, why: string, queue: Again['queue'] = 'short'): void {
    this.note('deferred', site, why)
    this.#leave({ message, delayMs, queue, why })
  }

  /** Agreement was reached without this member, or not for it. */
  missed(site: SiteId): void {
    this.#missed.add(site)
  }

  /** This site's own trouble: a person's to end, or waited out without it. */
  failed(site: SiteId, failure: Failure, message: Message, retryMs: number): void {
    if (failure.patience === 'never') return this.parked(site, failure)
    this.deferred(site, message, retryMs, failure.message)
    this.missed(site)
  }

  /** Looking again at once is not enough: by then the write may still be on its way. Once it must have landed, somebody looks. */
  mayLand(site: SiteId, message: Message, landMs: number): void {
    this.deferred(site, message, landMs, 'the answer to a write was lost, and it may still land')
  }

  /** Goes on with what another part of this invocation did to the same key. */
  add({ receipts, again, missed }: Outcome): void {
    this.#receipts.push(...receipts)
    for (const one of again) this.#leave(one)
    for (const site of missed) this.#missed.add(site)
  }

  #leave(again: Again): void {
    const known = this.#again.findIndex((one) => one.queue === again.queue && isSameWork(one.message, again.message))
    if (known < 0) this.#again.push(again)
    else this.#again[known] = merged(this.#again[known]!, again)
  }

  outcome(): Outcome {
    return { receipts: this.#receipts, again: this.#again, missed: [...this.#missed] }
  }
}

/** One invocation leaves at most one message for the same work: more would multiply while a site is down. */
function isSameWork(a: Message, b: Message): boolean {
  if (a.kind === 'mirror') return b.kind === 'mirror' && a.route === b.route && a.key === b.key
  return JSON.stringify(a) === JSON.stringify(b)
}

function merged(known: Again, { message, delayMs }: Again): Again {
  const latest = Math.max(known.delayMs, delayMs)
  if (known.message.kind !== 'mirror' || message.kind !== 'mirror') return { ...known, delayMs: latest }
  const targets = [...new Set([...known.message.targets, ...message.targets])]
  return { ...known, delayMs: latest, message: { ...known.message, targets } }
}
