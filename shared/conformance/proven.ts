/**
 * Lets no write through before the store has proved what it enforces; reads pass, for nothing is lost by them. It stands right before the
 * driver: outside `timed` a write would wait for the proof beyond its bound, and land long after the moment its mark names.
 */
import { around, isWrite } from '#shared/layers/around.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import type { Proof } from './proof.ts'

export function proven(store: ObjectStore, proof: Proof): ObjectStore {
  return around(store, async (call, signal, act) => {
    if (isWrite(call)) await proof.hold(signal)
    return act(signal)
  })
}
