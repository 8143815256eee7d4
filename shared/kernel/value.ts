import { compareStamps, type Order, type Stamp } from './stamp.ts'

/** What a site holds of a key. A deletion is worth the stamp of what it deleted. */
export type Value =
  | { readonly state: 'never' }
  | { readonly state: 'alive'; readonly stamp: Stamp }
  | { readonly state: 'dead'; readonly stamp: Stamp }

export const never: Value = { state: 'never' }

export function alive(stamp: Stamp): Value {
  return { state: 'alive', stamp }
}

export function dead(stamp: Stamp): Value {
  return { state: 'dead', stamp }
}

/** By stamp, and `dead` above `alive` of the same stamp. The greatest value wins: that is the whole of conflict resolution. */
export function compareValues(a: Value, b: Value): Order {
  if (a.state === 'never' || b.state === 'never') return rank(a.state === 'never', b.state === 'never')
  const order = compareStamps(a.stamp, b.stamp)
  return order === 'equal' ? rank(a.state === 'alive', b.state === 'alive') : order
}

/** Orders by one question: who answers yes is the lesser. */
function rank(lesserA: boolean, lesserB: boolean): Order {
  if (lesserA === lesserB) return 'equal'
  return lesserA ? 'less' : 'greater'
}
