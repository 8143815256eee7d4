/** Does to calls what networks and clouds do. For tests and for the laptop; below `timed`, which must see the silence. */
import type { Clock } from '#shared/kernel/clock.ts'
import { Failure, type FailureKind, type FailureScope } from '#shared/kernel/failure.ts'
import type { Body, ObjectStore } from '#shared/ports/object-store.ts'
import { around, type Around, type Call, givenUp, leftAlone } from './around.ts'

export type Fault =
  | { readonly fault: 'none' }
  /** Not done, and said so: a throttle, a race (S3's 409), a missing permission. */
  | { readonly fault: 'refused'; readonly kind: FailureKind; readonly scope?: FailureScope }
  /** The request never arrives. */
  | { readonly fault: 'request-lost' }
  /** Done, and nobody learns of it. */
  | { readonly fault: 'answer-lost' }
  /** Given up now, done later. */
  | { readonly fault: 'lands-late'; readonly ms: number }
  | { readonly fault: 'slow'; readonly ms: number }
  /** No answer until the caller gives up. */
  | { readonly fault: 'silent' }
  /** One bit of the body that is sent or received; a call without a body passes unharmed. */
  | { readonly fault: 'bit-flipped'; readonly byte: number }
  /** The body that is received breaks off before this byte. */
  | { readonly fault: 'cut'; readonly byte: number }

export type Faults = (call: Call) => Fault

export function faulty(store: ObjectStore, clock: Clock, faults: Faults): ObjectStore {
  const { site } = store
  const layer: Around = (call, signal, act) => suffer(clock, faults(call), call, signal, act)
  return {
    ...around(store, layer),
    get: async (key, signal, want) => {
      const call: Call = { site, verb: 'get', key, bytes: 0 }
      const fault = faults(call)
      const found = await suffer(clock, fault, call, signal, (s) => store.get(key, s, want))
      return found === null ? null : { meta: found.meta, body: spoiled(found.body, fault, call) }
    },
    put: (key, write, condition, signal) => {
      const call: Call = { site, verb: 'put', key, bytes: write.body.size }
      const fault = faults(call)
      const sent = { ...write, body: spoiledBody(write.body, fault, call) }
      return suffer(clock, fault, call, signal, (s) => store.put(key, sent, condition, s))
    },
    putPart: (key, transfer, number, body, digests, signal) => {
      const call: Call = { site, verb: 'putPart', key, bytes: body.size }
      const fault = faults(call)
      const sent = spoiledBody(body, fault, call)
      return suffer(clock, fault, call, signal, (s) => store.putPart(key, transfer, number, sent, digests, s))
    },
  }
}

async function suffer<T>(
  clock: Clock,
  fault: Fault,
  call: Call,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  switch (fault.fault) {
    case 'none':
    case 'bit-flipped':
    case 'cut':
      return act(signal)
    case 'refused':
      throw new Failure(fault.kind, `${call.verb} at ${call.site}: refused by an injected fault`, {
        site: call.site,
        ...(fault.scope === undefined ? {} : { scope: fault.scope }),
      })
    case 'request-lost':
      throw givenUp(call, 'the request was lost (injected)')
    case 'answer-lost':
      await act(signal).catch(() => undefined)
      throw givenUp(call, 'the answer was lost (injected)')
    case 'lands-late':
      // Nobody waits for it, so nobody may hear it fail.
      void landLater(clock, fault.ms, act)
      throw givenUp(call, 'the request lands late (injected)')
    case 'slow':
      await resting(clock.sleep(fault.ms, signal), call)
      return act(signal)
    case 'silent':
      break
  }
  throw await silence(call, signal)
}

async function landLater<T>(clock: Clock, ms: number, act: (signal: AbortSignal) => Promise<T>): Promise<void> {
  await clock.sleep(ms)
  await act(new AbortController().signal).catch(() => undefined)
}

async function resting(sleep: Promise<void>, call: Call): Promise<void> {
  try {
    await sleep
  } catch (reason) {
    throw leftAlone(call, reason)
  }
}

async function silence(call: Call, signal: AbortSignal): Promise<Failure> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
  return leftAlone(call, signal.reason)
}

function spoiledBody(body: Body, fault: Fault, call: Call): Body {
  return fault.fault === 'bit-flipped' ? { size: body.size, open: () => spoiled(body.open(), fault, call) } : body
}

async function* spoiled(body: AsyncIterable<Uint8Array>, fault: Fault, call: Call): AsyncGenerator<Uint8Array> {
  let offset = 0
  for await (const chunk of body) {
    const at = fault.fault === 'bit-flipped' || fault.fault === 'cut' ? fault.byte - offset : -1
    offset += chunk.byteLength
    if (at < 0 || at >= chunk.byteLength) {
      yield chunk
    } else if (fault.fault === 'cut') {
      yield chunk.subarray(0, at)
      throw givenUp(call, `the body broke off after ${fault.byte} bytes (injected)`)
    } else {
      const copy = chunk.slice()
      copy[at]! ^= 1
      yield copy
    }
  }
}
