import { describe, expect, it } from 'vitest'
import { probe } from '#shared/conformance/probe.ts'
import { type Desk, never } from './subject.ts'

export function conformanceLaws(desk: () => Desk): void {
  describe('the conformance probe', () => {
    it('finds every promise kept', async () => {
      const { store, hashing, clock } = desk().subject
      const findings = await probe(store, { hashing, clock, random: { next: Math.random } }, never)
      const broken = findings.filter(({ held }) => !held).map(({ promise, found }) => `${promise} (${found})`)
      expect(broken, broken.join('; ')).toEqual([])
    })
  })
}
