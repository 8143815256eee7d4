import { describe, expect, it } from 'vitest'
import { Desk, pathOf, refused } from './desk.ts'

describe('who may ask Cloud Storage, and how often', () => {
  it('without credentials nobody, with a wrong token nobody, with a right one everybody', async () => {
    const desk = await Desk.open({ anonymous: false, tokens: ['right', 'also'] })
    const ask = (headers: Record<string, string>) => desk.ask('GET', '/storage/v1/b?project=x', { headers })
    expect(refused(await ask({}))).toEqual([401, 'required'])
    for (const authorization of ['Bearer wrong', 'Bearer ', 'right', 'Basic right', 'Bearer right also']) {
      expect(refused(await ask({ authorization }))).toEqual([401, 'authError'])
    }
    for (const authorization of ['Bearer right', 'bearer also']) expect((await ask({ authorization })).status).toBe(200)
    expect((await desk.ask('PUT', '/bucket/name', { body: 'x' })).text).toContain('<Code>AuthenticationRequired</Code>')
  })

  it('where no token is named any is right; where anonymous callers are let in, a wrong token still is not', async () => {
    const any = await Desk.open({ anonymous: false })
    const ask = (desk: Desk, headers: Record<string, string>) => desk.ask('GET', '/storage/v1/b?project=x', { headers })
    expect((await ask(any, { authorization: 'Bearer whatever' })).status).toBe(200)
    expect((await ask(any, {})).status).toBe(401)
    const open = await Desk.open({ anonymous: true, tokens: ['right'] })
    expect((await ask(open, {})).status).toBe(200)
    expect((await ask(open, { authorization: 'Bearer wrong' })).status).toBe(401)
  })

  it('a name takes one change a second, of whatever kind; what was refused does not count', async () => {
    const desk = await Desk.open({ paced: true })
    const bucket = await desk.bucket()
    const tooSoon = [429, 'rateLimitExceeded']
    await desk.put(bucket, 'name', 'one')
    desk.clock.nowMs += 999
    expect(refused(await desk.put(bucket, 'name', 'two'))).toEqual(tooSoon)
    expect(refused(await desk.ask('PATCH', pathOf(bucket, 'name'), { body: {} }))).toEqual(tooSoon)
    expect(refused(await desk.ask('DELETE', pathOf(bucket, 'name')))).toEqual(tooSoon)
    const rewrite = `${pathOf(bucket, 'other')}/rewriteTo/b/${bucket.name}/o/name`
    await desk.put(bucket, 'other', 'other')
    expect(refused(await desk.ask('POST', rewrite))).toEqual(tooSoon)
    expect((await desk.ask('PUT', `/${bucket.name}/name`, { body: 'two' })).status).toBe(429)
    expect((await desk.read(bucket, 'name')).text).toBe('one')
    desk.clock.nowMs += 1
    expect((await desk.put(bucket, 'name', 'two', '&ifGenerationMatch=1')).status).toBe(412)
    expect((await desk.put(bucket, 'name', 'two')).status).toBe(200)
  })

  it('all names together take as many writes a second as they are given, and any number of reads', async () => {
    const desk = await Desk.open({ throttle: { perSecond: 3 } })
    const bucket = await desk.bucket()
    for (const name of ['a', 'b', 'c']) expect((await desk.put(bucket, name, 'x')).status).toBe(200)
    expect(refused(await desk.put(bucket, 'd', 'x'))).toEqual([503, 'backendError'])
    for (let i = 0; i < 10; i++) expect((await desk.read(bucket, 'a')).status).toBe(200)
    desk.clock.nowMs += 1000
    expect((await desk.put(bucket, 'd', 'x')).status).toBe(200)
  })
})
