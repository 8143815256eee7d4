import { describe, expect, it } from 'vitest'
import { ByHand } from './by-hand.ts'
import { broken, calm } from './by-hand-judged.ts'
import { check } from './checker.ts'
import { startMs } from './epoch.ts'

describe('law 1, by hand', () => {
  it('is broken where another pass over sites that agree writes', () => {
    const { hand, first } = calm()
    const from = hand.changesSoFar
    hand.at(90_000).weCopy('b', first)
    expect(broken(hand.passes('again', from).history())).toEqual([1])
    expect(check(hand.history()).violations[0]?.what).toContain('another reconcile of equals')
  })

  it('is broken where another deep pass writes, and says so', () => {
    const { hand, first } = calm()
    const from = hand.changesSoFar
    hand.at(90_000).weCopy('b', first)
    expect(check(hand.passes('again-deep', from).history()).violations[0]?.what).toContain('another deep pass')
  })

  it('lets the first pass write, and users at any time', () => {
    const { hand, first } = calm()
    const from = hand.changesSoFar
    hand.at(90_000).weCopy('b', first)
    hand.passes('reconcile', from).passes('again')
    const second = hand.userWrites('a', { body: '#2 second' })
    hand.passes('again', from + 1).weCopy('b', second)
    expect(broken(hand.history())).toEqual([])
  })

  it('is broken where two sites copy each other’s copies for ever', () => {
    const { hand, first } = calm()
    for (let i = 0; i < 10; i++) hand.at(3_000 + i * 1_000).weCopy('b', first)
    expect(broken(hand.history())).toEqual([1])
  })

  it('does not count the deeds at another name', () => {
    const { hand, first } = calm()
    for (let i = 0; i < 5; i++) {
      const other = hand.at(3_000 + 1_000 * i).userWrites('a', { body: `#${i + 2} other` }, 'g/other')
      hand.weCopy('b', other)
    }
    for (let i = 0; i < 7; i++) hand.at(20_000 + i).weCopy('b', first)
    expect(broken(hand.history())).toEqual([1])
  })

  it('counts the copies of each site and name against the deeds at that name, wherever a route took it', () => {
    const hand = new ByHand(['a', 'b', 'c'])
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    for (let i = 0; i < 7; i++) for (const site of ['b', 'c']) hand.at(2_000 + i).weCopy(site, first)
    hand.at(3_000).userWrites('a', { body: '#2 routed' }, 'r/k')
    expect(broken(hand.with({ rules: hand.history().rules.slice(0, 1) }).history())).toEqual([])
    hand.at(4_000).weCopy('b', first)
    hand.at(4_100).weCopy('b', first)
    hand.at(4_200).weCopy('b', first)
    expect(broken(hand.history())).toEqual([])
    hand.at(4_300).weCopy('b', first)
    expect(broken(hand.history())).toEqual([1])
  })
})

describe('law 1, by hand: what lay in a bucket before it joined', () => {
  /** At `b` lies what `a` has, long before `b` joins. */
  function filled() {
    const hand = new ByHand().joins('b', 60_000)
    const there = hand.at(1_000).userWrites('b', { body: '#1 first' })
    const first = hand.at(2_000).userWrites('a', { body: '#1 first' })
    return { hand, first, there }
  }

  it('is adopted where it lies: copied again it breaks the law', () => {
    const { hand, first } = filled()
    hand.at(70_000).weCopy('b', first)
    expect(broken(hand.history())).toEqual([1])
  })

  it('may lie there for ever', () => {
    expect(broken(filled().hand.history())).toEqual([])
  })

  it('is replaced where it differs in bytes or headers', () => {
    const hand = new ByHand().joins('b', 60_000)
    const first = hand.at(3_000).userWrites('a', { body: '#1 first' })
    const there = hand.at(2_000).userWrites('b', { body: '#1 first', properties: 'contentType=text/2 ' })
    hand.at(70_000).weCopy('b', first)
    expect(broken(hand.weReport('b', there).history())).toEqual([])
  })

  it('may be written anew as a user’s, and removed', () => {
    const { hand, there } = filled()
    const lifted = hand.at(70_000).userTags(there, 'kind=hot').weLift(there, { tags: 'kind=hot' })
    hand.at(71_000).weCopy('a', lifted)
    hand.at(80_000).userDeletes('a')
    hand.at(90_000).weDelete('b')
    expect(broken(hand.history())).toEqual([])
  })

  it('may be written over by its user with the same bytes', () => {
    const { hand } = filled()
    const again = hand.at(70_000).userWrites('b', { body: '#1 first' })
    hand.at(71_000).weCopy('a', again)
    expect(broken(hand.history())).toEqual([])
  })

  it('is not adopted where the original came after the joining, or too shortly before it for its event', () => {
    for (const writtenMs of [50_000, 61_000]) {
      const hand = new ByHand().joins('b', 60_000)
      hand.at(2_000).userWrites('b', { body: '#1 first' })
      const first = hand.at(writtenMs).userWrites('a', { body: '#1 first' })
      hand.at(70_000).weCopy('b', first)
      expect(broken(hand.history())).toEqual([])
    }
  })

  it('is no longer what was there before once a user has written since', () => {
    const hand = new ByHand().joins('b', 60_000)
    const first = hand.at(1_000).userWrites('a', { body: '#1 first' })
    hand.at(61_000).userWrites('b', { body: '#1 first' })
    hand.at(62_000).weCopy('b', first)
    expect(broken(hand.history())).toContain(2)
    expect(broken(hand.history())).not.toContain(1)
  })
})

describe('law 2, by hand', () => {
  it('is broken where an older version replaces a newer one', () => {
    const { hand, first } = calm()
    const second = hand.at(5_000).userWrites('b', { body: '#2 second' })
    hand.at(6_000).weCopy('b', first)
    hand.weReport('b', second)
    hand.at(7_000).weCopy('b', second)
    hand.at(7_100).weCopy('a', second)
    hand.weReport('a', first)
    expect(broken(hand.history())).toEqual([2])
  })

  it('is kept by whoever writes an older copy where a user’s newer version is not, and by users', () => {
    const { hand, first } = calm()
    const second = hand.at(5_000).userWrites('a', { body: '#2 second' })
    hand.at(6_000).weCopy('b', first)
    hand.at(7_000).weCopy('b', second)
    hand.at(8_000).userWrites('b', { body: '#1 first', dateMs: second.dateMs + 1_000, id: first.id })
    hand.at(9_000).weCopy('a', hand.history().versions.at(-1)!)
    expect(broken(hand.weReport('a', second).history())).toEqual([])
  })

  it('is broken where a copy comes before the clock of its site has passed it, and who writes over it is older', () => {
    const hand = new ByHand()
    const ahead = hand.at(1_000).userWrites('a', { body: '#1 ahead', dateMs: startMs + 60_000 })
    hand.at(2_000).weCopy('b', ahead)
    const behind = hand.at(3_000).userWrites('b', { body: '#2 behind' })
    hand.at(4_000).weCopy('b', ahead)
    hand.weReport('b', behind)
    expect(broken(hand.history())).toEqual([2])
  })

  it('does not ask the clock of a site before it joined', () => {
    const hand = new ByHand().joins('b', 60_000)
    const ahead = hand.at(1_000).userWrites('b', { body: '#1 ahead', dateMs: startMs + 90_000 })
    const behind = hand.at(2_000).userWrites('b', { body: '#2 behind' })
    hand.at(70_000).weCopy('a', ahead)
    hand.at(71_000).weCopy('b', ahead)
    expect(broken(hand.weReport('b', behind).history())).toEqual([])
  })
})
