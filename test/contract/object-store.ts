import { beforeAll, describe } from 'vitest'
import { conformanceLaws } from './conformance.ts'
import { keyLaws } from './keys.ts'
import { historyLaws } from './history.ts'
import { listingLaws } from './listings.ts'
import { partLaws } from './parts.ts'
import { readLaws } from './reads.ts'
import { removalLaws } from './removals.ts'
import { Desk, type Make } from './subject.ts'
import { unknownLaws } from './unknown.ts'
import { writeLaws } from './writes.ts'

/** The laws of the port, for whatever claims to be a store: memory, a driver, a stranger's server. */
export function objectStoreContract(name: string, make: Make): void {
  describe(`object store: ${name}`, () => {
    let desk: Desk | undefined
    beforeAll(async () => {
      desk = new Desk(await make())
    })
    const laws = [writeLaws, readLaws, removalLaws, historyLaws, listingLaws, keyLaws, partLaws, unknownLaws]
    for (const law of [...laws, conformanceLaws]) law(() => desk!)
  })
}
