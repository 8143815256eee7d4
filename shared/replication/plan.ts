import { Failure } from '#shared/kernel/failure.ts'

export interface PartPlan {
  readonly partBytes: number
  readonly count: number
}

/** What bounds a transfer at one target. */
export interface PartBounds {
  readonly objectBytesMax: number
  readonly partBytesMin: number
  readonly partsMax: number
}

/** How an object is cut: one size for all targets, so that the source is read once. */
export function planParts(size: number, preferredBytes: number, targets: readonly PartBounds[]): PartPlan {
  const smallest = Math.max(preferredBytes, ...targets.map(({ partBytesMin }) => partBytesMin))
  const fewest = Math.min(...targets.map(({ partsMax }) => partsMax))
  const partBytes = Math.max(smallest, Math.ceil(size / fewest))
  return { partBytes, count: Math.max(1, Math.ceil(size / partBytes)) }
}

/** Refused aloud before a byte moves, never cut. */
export function refuseTooLarge(site: string, size: number, { objectBytesMax }: PartBounds): void {
  if (size <= objectBytesMax) return
  throw new Failure('invalid', `${site}: the object has ${size} bytes, this site holds at most ${objectBytesMax}`)
}

/** Bytes of part `number`, counted from 1. */
export function rangeOf(
  plan: PartPlan,
  number: number,
  size: number,
): { readonly start: number; readonly end: number } {
  const start = (number - 1) * plan.partBytes
  return { start, end: Math.min(start + plan.partBytes, size) }
}
