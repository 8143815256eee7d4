import type { Core } from './core.ts'

/** Whether another round may begin: so early that its slowest write still ends within the function's time. What is left undone comes back by the queue. */
export function mayBegin(core: Core, round: number, beganMs: number): boolean {
  const { rounds, invocationMs, writeMs, holdMsMax, lookMs } = core.limits
  const leftMs = beganMs + invocationMs - core.clock.monotonic()
  return round < rounds && leftMs >= writeMs + holdMsMax + lookMs
}
