import { describe, expect, it } from 'vitest'
import { pace } from '#local/servers/http/pace.ts'

describe('a pace', () => {
  it('of names lets one write of each through a second, and what it refuses does not count', () => {
    let nowMs = 5000
    const { refuses } = pace({ perNameMs: 1000, now: () => nowMs })
    expect([refuses('a'), refuses('a'), refuses('b')]).toEqual([null, 'name', null])
    nowMs += 999
    expect(refuses('a')).toBe('name')
    nowMs += 1
    expect([refuses('a'), refuses('a')]).toEqual([null, 'name'])
  })

  it('of all lets a second’s worth through at once, and then as many as it says', () => {
    let nowMs = 0
    const { refuses } = pace({ perSecond: 10, now: () => nowMs })
    const burst = () =>
      Array.from({ length: 20 }, (_, index) => refuses(`n${index}`)).filter((one) => one === null).length
    expect(burst()).toBe(10)
    nowMs += 500
    expect(burst()).toBe(5)
    nowMs += 60_000
    expect(burst()).toBe(10)
    nowMs -= 30_000
    expect(burst()).toBe(0)
    nowMs += 1000
    expect(burst()).toBe(10)
    expect(refuses('x')).toBe('all')
  })

  it('slower than one a second still lets one through', () => {
    let nowMs = 0
    const { refuses } = pace({ perSecond: 0.5, now: () => nowMs })
    expect([refuses('a'), refuses('a')]).toEqual([null, 'all'])
    nowMs += 2000
    expect([refuses('a'), refuses('a')]).toEqual([null, 'all'])
  })

  it('that was given none refuses nothing', () => {
    const { refuses } = pace({ now: () => 0 })
    expect([refuses('a'), refuses('a')]).toEqual([null, null])
  })

  it('forgets names that may write again, and none that may not', () => {
    let nowMs = 0
    const { refuses } = pace({ perNameMs: 1000, now: () => nowMs })
    for (let index = 0; index < 10_000; index++) refuses(`old ${index}`)
    nowMs += 600
    refuses('new')
    nowMs += 500
    for (let index = 0; index < 10_000; index++) refuses(`newer ${index}`)
    expect([refuses('new'), refuses('old 5')]).toEqual(['name', null])
  })
})
