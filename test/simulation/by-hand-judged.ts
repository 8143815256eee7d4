import { ByHand } from './by-hand.ts'
import { check } from './checker.ts'
import type { Law } from './checker-laws.ts'
import type { History, Version } from './history.ts'

/** The laws that the checker says are broken. */
export function broken(history: History): Law[] {
  return [...new Set(check(history).violations.map(({ law }) => law))]
}

/** One user's object, copied as it should be. */
export function calm(): { readonly hand: ByHand; readonly first: Version; readonly copy: Version } {
  const hand = new ByHand()
  const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
  const copy = hand.at(2_000).weCopy('b', first)
  return { hand, first, copy }
}
