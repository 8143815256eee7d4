import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { broken, calm } from './by-hand-judged.ts'
import type { History } from './history.ts'

describe('who wins, by hand: uploads in parts, dated by their beginning', () => {
  function uploads(options: { readonly dated?: boolean; readonly inParts?: boolean } = {}) {
    const { dated = true, inParts = true } = options
    const hand = new ByHand().site('a', { datesByBeginning: dated, keeps: 'markers' })
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(1_500).weCopy('b', first)
    const upload = hand.at(2_000).userWrites('a', { body: '#2 upload', inParts })
    return { hand, first, upload }
  }

  it('never shown, one counts for nothing', () => {
    const { hand } = calm()
    hand.at(5_000).userWrites('a', { body: '#2 upload', inParts: true, buried: true })
    expect(broken(hand.history())).toEqual([])
  })

  /** At `a` an upload began, then a copy of what `b` had was written, and the upload ended below it. */
  function bornBelow(beganMs = 2_000) {
    const hand = new ByHand().site('a', { datesByBeginning: true, keeps: 'markers' })
    const first = hand.at(1_000).userWrites('b', { body: '#1 first' })
    hand.at(3_000).weCopy('a', first)
    const dateMs = first.dateMs - 1_000 + beganMs
    const upload = hand.at(4_000).userWrites('a', { body: '#2 upload', inParts: true, buried: true, dateMs })
    return { hand, first, upload, byEvents: () => byEvents(hand) }
  }

  function byEvents(hand: ByHand): History {
    return hand.history({ rest: { ...hand.history().rest, eventsOnly: true } })
  }

  it('born below a copy of something older, one counts where no event is lost', () => {
    expect(broken(bornBelow().byEvents())).toEqual([2])
    expect(broken(bornBelow().hand.history())).toEqual([])
    expect(broken(bornBelow(500).byEvents())).toEqual([])
  })

  it('born below a copy of something older and lifted from there, one wins', () => {
    const { hand, first, upload, byEvents } = bornBelow()
    const lifted = hand.at(5_000).weLift(upload)
    hand.at(6_000).weCopy('b', lifted)
    hand.weReport('b', first)
    expect(broken(byEvents())).toEqual([])
  })

  it('born below a copy, and under a marker before its event came, one need not count', () => {
    const { hand, byEvents } = bornBelow()
    hand.at(5_000).userDeletes('a', 'g/k', { marker: true })
    hand.at(9_000).weDelete('b')
    expect(broken(byEvents())).toEqual([])
  })

  it('born below a copy that was written over a deletion, one need not count', () => {
    const { hand, first } = calm()
    hand.site('a', { datesByBeginning: true, keeps: 'markers' })
    const second = hand.at(2_500).userWrites('b', { body: '#2 second' })
    hand.at(3_500).userDeletes('a', 'g/k', { marker: true })
    hand.at(3_600).weCopy('a', second)
    const dateMs = first.dateMs + 2_000
    hand.at(4_000).userWrites('a', { body: '#3 upload', inParts: true, buried: true, dateMs })
    expect(broken(byEvents(hand))).toEqual([])
  })

  it('deleted, one may count for its own stamp or not, and what lay below it counts', () => {
    const { hand, upload } = uploads()
    hand.at(3_000).userDeletes('a')
    hand.at(8_000).weDelete('b')
    expect(broken(hand.history())).toEqual([])
    expect(upload.inParts).toBe(true)
  })

  it('deleted, what lay below it is not back', () => {
    const { hand, first } = uploads()
    hand.at(3_000).userDeletes('a')
    hand.at(8_000).weCopy('a', first)
    expect(broken(hand.history())).toEqual([5])
  })

  it('deleted, it does not outlive its deletion elsewhere', () => {
    const { hand, upload } = uploads()
    hand.at(2_500).weCopy('b', upload)
    hand.at(3_000).userDeletes('a')
    hand.at(8_000).weCopy('a', upload)
    expect(broken(hand.history())).toEqual([5])
  })

  it('deleted and uncovered again, it is alive', () => {
    const { hand, upload } = uploads()
    hand.at(3_000).userDeletes('a', 'g/k', { marker: true })
    hand.at(4_000).userUncovers(upload)
    hand.at(5_000).weCopy('b', upload)
    expect(broken(hand.history())).toEqual([])
  })

  it('counts like any other where dates are of the end, or where it came in one request', () => {
    for (const options of [{ dated: false }, { inParts: false }]) {
      const { hand, first } = uploads(options)
      hand.at(3_000).userDeletes('a')
      const between = hand.at(4_000).userWrites('b', { body: '#3 between', dateMs: first.dateMs + 500 })
      hand.at(8_000).weCopy('a', between)
      expect(broken(hand.history())).toEqual([5])
    }
    const { hand, first } = uploads()
    hand.at(3_000).userDeletes('a')
    const between = hand.at(4_000).userWrites('b', { body: '#3 between', dateMs: first.dateMs + 500 })
    hand.at(8_000).weCopy('a', between)
    expect(broken(hand.history())).toEqual([])
  })
})
