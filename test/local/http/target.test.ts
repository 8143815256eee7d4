import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { target } from '#local/servers/http/target.ts'

const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((one) => one.isWellFormed())

describe('a target', () => {
  it('keeps what it is sent, raw, beside what that says', () => {
    const raw = '/bucket/a/../b//./%2e%2E/c%2Fd+e?list-type=2&prefix=a+b%2B&uploads&x=1=2&x=&&%C3%A9=💚'
    const sent = Buffer.from(raw).toString('latin1')
    expect(target(sent)).toEqual({
      rawPath: '/bucket/a/../b//./%2e%2E/c%2Fd+e',
      rawQuery: sent.slice(sent.indexOf('?') + 1),
      path: '/bucket/a/../b//./../c/d+e',
      segments: ['bucket', 'a', '..', 'b', '', '.', '..', 'c/d+e'],
      query: [
        { name: 'list-type', value: '2', rawName: 'list-type', rawValue: '2' },
        { name: 'prefix', value: 'a b+', rawName: 'prefix', rawValue: 'a+b%2B' },
        { name: 'uploads', value: '', rawName: 'uploads', rawValue: null },
        { name: 'x', value: '1=2', rawName: 'x', rawValue: '1=2' },
        { name: 'x', value: '', rawName: 'x', rawValue: '' },
        { name: 'é', value: '💚', rawName: '%C3%A9', rawValue: Buffer.from('💚').toString('latin1') },
      ],
      parameter: expect.any(Function) as unknown,
    })
  })

  it('says whatever text was encoded into it', () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.tuple(text, text)), (segments, query) => {
        const path = segments.map((one) => `/${encodeURIComponent(one)}`).join('')
        const pairs = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
        const found = target(`${path}?${pairs.join('&')}`)!
        expect(found.segments).toEqual(segments)
        expect(found.path).toBe(segments.map((one) => `/${one}`).join(''))
        expect(found.query.map(({ name, value }) => [name, value])).toEqual(query)
        for (const [name] of query) expect(found.parameter(name)).toBe(query.find(([one]) => one === name)![1])
      }),
    )
  })

  it.each([
    ['an escape that is cut', '/%4'],
    ['an escape that is none', '/%zz'],
    ['a bare per cent', '/100%'],
    ['bytes that are no UTF-8', '/%ff'],
    ['an overlong slash', '/%c0%af'],
    ['half a surrogate pair', '/%ed%a0%80'],
    ['a cut character in the query', '/?a=%c3'],
    ['a malformed name', '/?%=1'],
    ['no path', '*'],
    ['a relative path', 'a/b'],
  ])('with %s is refused', (_, raw) => {
    expect(target(raw)).toBeNull()
  })

  it('may name its host, as proxies are asked', () => {
    expect(target('http://127.0.0.1:80/a?b')).toMatchObject({ rawPath: '/a', rawQuery: 'b', segments: ['a'] })
    expect(target('http://x')).toMatchObject({ rawPath: '', segments: [] })
    expect(target('/http://x/y')).toMatchObject({ path: '/http://x/y' })
  })

  it('keeps a byte order mark and a zero byte: they are somebody’s key', () => {
    expect(target('/%EF%BB%BFa%00')).toMatchObject({ path: '/\ufeffa\u0000', segments: ['\ufeffa\u0000'] })
  })

  it('has no parameter that was not sent', () => {
    expect(target('/?a=1')!.parameter('b')).toBeNull()
    expect(target('/?a')!.parameter('a')).toBe('')
  })
})
