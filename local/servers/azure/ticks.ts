/** Steps of 100 ns since the year 1: what Azure makes ETags and version ids of. */
export type Ticks = bigint

const ticksPerMs = 10_000n
const ticksPerMicrosecond = 10n
/** From the year 1 to 1970. */
const epochTicks = 62_135_596_800_000n * ticksPerMs

/** The engine's order counts microseconds and never stands still, whatever the clock does: no two writes share an ETag. */
export function ticksOfOrder(order: number): Ticks {
  return BigInt(order) * ticksPerMicrosecond + epochTicks
}

export function msOf(ticks: Ticks): number {
  return Number((ticks - epochTicks) / ticksPerMs)
}

/** As in `2026-11-25T04:27:01.1234560Z`: its order as text is the order of time. */
export function versionIdOf(ticks: Ticks): string {
  const whole = new Date(msOf(ticks)).toISOString()
  return `${whole.slice(0, -1)}${(ticks % ticksPerMs).toString().padStart(4, '0')}Z`
}

/** As in `0x8DF085C5E09984C`, without the quotes that headers add. */
export function etagOf(ticks: Ticks): string {
  return `0x${ticks.toString(16).toUpperCase()}`
}
