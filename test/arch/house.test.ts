import { expect, it } from 'vitest'
import { fileURLToPath } from 'node:url'
import { readHouse, readImports } from './sources.ts'
import * as walls from './walls.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const house = readHouse(root)

it('imports run down only', () => expect(walls.importsRunDown(house)).toEqual([]))
it("no cloud's folder knows another cloud", () => expect(walls.cloudsStandAlone(house)).toEqual([]))
it('the core takes few packages, and none of a cloud', () => expect(walls.sharedTakesFewPackages(house)).toEqual([]))
it('the core reads no clock of its own', () => expect(walls.sharedReadsNoClock(house)).toEqual([]))
it('the three clouds have the same rooms', () => expect(walls.cloudsHaveTheSameRooms(house)).toEqual([]))
it('every decision is pure', () => expect(walls.decisionsArePure(house)).toEqual([]))
it('every decision has its laws', () => expect(walls.decisionsHaveLaws(house)).toEqual([]))
it('the checker of the simulation shares no code with what it judges', () =>
  expect(walls.checkerIsIndependent(house)).toEqual([]))
it('no name is empty of meaning', () => expect(walls.namesSaySomething(house)).toEqual([]))
it('every source file is read in one sitting', () => expect(walls.filesAreReadInOneSitting(house)).toEqual([]))
it('every test is named by the law it keeps', () => expect(walls.testsAreLaws(house)).toEqual([]))
it('every folder of code is type-checked', () => expect(walls.everyFolderIsTypeChecked(house, root)).toEqual([]))

it('the reader of imports sees every form of import, and none in a comment', () => {
  const text = `
    import 'a'
    import b from "b"
    import type { C } from 'c'
    import {
      d,
      type E,
    } from 'd'
    export * from 'e'
    export { f } from 'f'
    const g = await import('g')
    // import 'not-this'
    /** import 'nor-this' */
    export const text = 'import nothing'`
  expect(readImports(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
})
