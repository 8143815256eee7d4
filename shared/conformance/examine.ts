import { asFailure } from '#shared/kernel/failure.ts'
import { ownPrefix } from '#shared/kernel/key.ts'
import { timed } from '#shared/layers/timed.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { writeOf } from '#shared/ports/text.ts'
import { type Finding, keyOfProbe, probe, remedyFor, type Tools } from './probe.ts'

/** What was found, and what to do about it; `null` where nothing is to be done, or where what was found says it. */
export interface Examined extends Finding {
  readonly remedy: string | null
}

export interface Patient {
  readonly store: ObjectStore
  readonly control: ObjectStore
  /** What a kind of store may be that no site can be; throws where it is. */
  fit(signal: AbortSignal): Promise<void>
}

/** A store may be far away, and who waits for the answer is a person. */
const bounds = { lookMs: 10_000, writeMs: 30_000 }
/** Signatures hold for minutes, and clouds keep time to well below a second: beyond this one of the two clocks is wrong. */
const skewMaxMs = 10_000

/**
 * Everything that a site must be before it can be replicated to, in the order in which one would set it up. What could not be asked because
 * something before it is not so, is not in the list. Leaves deleted objects below `.isobar/` in both buckets.
 */
export async function examine(patient: Patient, tools: Tools, signal: AbortSignal): Promise<readonly Examined[]> {
  const store = timed(patient.store, tools.clock, bounds)
  const control = timed(patient.control, tools.clock, bounds)
  const findings: Examined[] = []
  const ask = async (promise: string, act: () => Promise<string | null>): Promise<boolean> => {
    const found = await act().catch((thrown: unknown) => asFailure(thrown).message)
    findings.push({ promise, held: found === null, found: found ?? '', remedy: null })
    return found === null
  }

  const there = await ask('the bucket answers this identity', () => look(store, signal))
  const beside = await ask('the control bucket answers this identity', () => look(control, signal))
  if (there) {
    findings.push(clockOf(store))
    await ask('a store of its kind can be a site', () => patient.fit(signal).then(() => null))
  }
  if (there && beside) {
    await ask('the control bucket is another than the site’s own', () => areTwo(store, control, tools, signal))
  }
  // Parts of what a store is asked for wait in the control bucket.
  if (there && beside) await probed('', store)
  if (beside) await probed('control bucket, ', control)
  return findings

  async function probed(which: string, bucket: ObjectStore): Promise<void> {
    try {
      for (const finding of await probe(bucket, tools, signal)) {
        const remedy = finding.held ? null : remedyFor([finding])
        findings.push({ ...finding, promise: which + finding.promise, remedy })
      }
    } catch (thrown) {
      const found = asFailure(thrown).message
      findings.push({ promise: `${which}what it enforces can be asked`, held: false, found, remedy: null })
    }
  }
}

async function look(store: ObjectStore, signal: AbortSignal): Promise<null> {
  await store.list({ prefix: ownPrefix, after: '', cursor: null, max: 1 }, signal)
  return null
}

/** By the date of an answer, which is in whole seconds: half of one is added. */
function clockOf(store: ObjectStore): Examined {
  const promise = `its clock and this machine’s are within ${skewMaxMs / 1000} s`
  const heard = store.heard()
  if (heard === null) return { promise, held: false, found: 'no answer of it had a date', remedy: null }
  const aheadMs = heard.dateMs + 500 - heard.atWallMs
  const found = `it is ${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs < 0 ? 'behind' : 'ahead'}`
  const held = Math.abs(aheadMs) <= skewMaxMs
  return {
    promise,
    held,
    found,
    remedy: held ? null : 'Set the clock that is wrong: versions are ordered by the store’s',
  }
}

/** By what is written in the one and seen in the other: names do not tell where they lead. */
async function areTwo(
  store: ObjectStore,
  control: ObjectStore,
  { random, hashing }: Tools,
  signal: AbortSignal,
): Promise<string | null> {
  const key = keyOfProbe(random)
  // Also where nobody waits for an answer any more.
  const { signal: unhurried } = new AbortController()
  try {
    await control.put(key, writeOf('', control, hashing), { if: 'absent' }, signal)
    const seen = await store.head(key, signal)
    return seen === null ? null : 'what is written to the one is seen in the other'
  } finally {
    const left = await control.head(key, unhurried)
    if (left !== null) await control.remove(key, left.version, unhurried)
  }
}
