import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { codeOf, Desk, pathOf, refused, save } from './desk.ts'

const unmet = [412, 'conditionNotMet']

describe('preconditions of Cloud Storage', () => {
  let desk: Desk
  let bucket: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    bucket = await desk.bucket()
  })

  /** Its generation. */
  async function existing(name: string): Promise<string> {
    return (await desk.put(bucket, name, 'before')).json.generation!
  }
  const text = async (name: string) => (await desk.read(bucket, name)).text

  /** Each way in which an object is written, under a precondition. */
  const writes: Readonly<Record<string, (name: string, query: string) => ReturnType<Desk['ask']>>> = {
    'a simple upload': (name, query) => desk.put(bucket, name, 'after', query),
    'a multipart upload': (name, query) =>
      desk.ask('POST', `/upload/storage/v1/b/${bucket.name}/o?uploadType=multipart&name=${name}${query}`, {
        headers: { 'content-type': 'multipart/related; boundary=cut' },
        body: '--cut\r\ncontent-type: application/json\r\n\r\n{}\r\n--cut\r\n\r\nafter\r\n--cut--',
      }),
    'a resumable upload': async (name, query) => {
      const target = `/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=${name}${query}`
      const { headers } = await desk.ask('POST', target)
      return desk.ask('PUT', headers.location!.slice(desk.url.length), { body: 'after' })
    },
    'a compose': async (name, query) => {
      await desk.put(bucket, 'source', 'after')
      return desk.ask('POST', `${pathOf(bucket, name)}/compose?${query}`, {
        body: { sourceObjects: [{ name: 'source' }] },
      })
    },
    'a rewrite': async (name, query) => {
      await desk.put(bucket, 'source', 'after')
      return desk.ask('POST', `${pathOf(bucket, 'source')}/rewriteTo/b/${bucket.name}/o/${name}?${query}`)
    },
  }

  for (const [form, write] of Object.entries(writes)) {
    it(`${form} creates only where nothing is, and replaces only the generation that it names`, async () => {
      const name = form.replaceAll(' ', '-')
      const generation = await existing(name)
      for (const query of ['&ifGenerationMatch=0', `&ifGenerationMatch=${Number(generation) + 1}`]) {
        expect(refused(await write(name, query))).toEqual(unmet)
      }
      expect(refused(await write(name, '&ifMetagenerationMatch=2'))).toEqual(unmet)
      expect((await write(name, `&ifGenerationNotMatch=${generation}`)).status).toBe(304)
      expect((await write(name, '&ifMetagenerationNotMatch=1')).status).toBe(304)
      expect(await text(name)).toBe('before')
      expect((await write(name, `&ifGenerationMatch=${generation}&ifMetagenerationMatch=1`)).status).toBe(200)
      expect(await text(name)).toBe('after')
      expect(refused(await write(`${name}-absent`, `&ifGenerationMatch=${generation}`))).toEqual(unmet)
      for (const other of ['0', generation])
        expect((await write(`${name}-absent`, `&ifGenerationNotMatch=${other}`)).status).toBe(304)
      expect((await write(`${name}-absent`, '&ifMetagenerationNotMatch=2')).status).toBe(304)
      expect((await write(`${name}-absent`, '&ifGenerationMatch=0')).status).toBe(200)
    })
  }

  it('a resumable upload is asked when its last byte has come', async () => {
    const target = `/upload/storage/v1/b/${bucket.name}/o?uploadType=resumable&name=late&ifGenerationMatch=0`
    const { headers } = await desk.ask('POST', target)
    await desk.put(bucket, 'late', 'faster')
    const session = headers.location!.slice(desk.url.length)
    expect(refused(await desk.ask('PUT', session, { body: 'slower' }))).toEqual(unmet)
    expect(await text('late')).toBe('faster')
    await bucket.file('late').delete()
    const begun = await desk.put(bucket, 'late', 'passing')
    const again = (await desk.ask('POST', target)).headers.location!.slice(desk.url.length)
    await desk.ask('DELETE', `${pathOf(bucket, 'late')}?ifGenerationMatch=${begun.json.generation}`)
    expect((await desk.ask('PUT', again, { body: 'slower' })).status).toBe(200)
  })

  it('reads answer 412 where something was to match and does not, and 304 where it was not to and does', async () => {
    const generation = await existing('read')
    for (const ask of [
      (query: string) => desk.read(bucket, 'read', query),
      (query: string) => desk.head(bucket, 'read', query),
    ]) {
      expect(refused(await ask('&ifGenerationMatch=1'))).toEqual(unmet)
      expect(refused(await ask('&ifMetagenerationMatch=2'))).toEqual(unmet)
      const same = await ask(`&ifGenerationNotMatch=${generation}`)
      expect([same.status, same.text]).toEqual([304, ''])
      expect((await ask('&ifMetagenerationNotMatch=1')).status).toBe(304)
      expect((await ask(`&ifGenerationMatch=${generation}&ifMetagenerationMatch=1`)).status).toBe(200)
      expect((await ask('&ifGenerationNotMatch=1&ifMetagenerationNotMatch=2')).status).toBe(200)
    }
  })

  it('patch, update and delete touch only what they name', async () => {
    const generation = await existing('touched')
    const path = pathOf(bucket, 'touched')
    const body = { metadata: { touched: 'yes' } }
    for (const method of ['PATCH', 'PUT', 'DELETE']) {
      for (const query of ['ifGenerationMatch=1', 'ifGenerationMatch=0', 'ifMetagenerationMatch=7']) {
        expect(refused(await desk.ask(method, `${path}?${query}`, { body }))).toEqual(unmet)
      }
      expect((await desk.ask(method, `${path}?ifGenerationNotMatch=${generation}`, { body })).status).toBe(304)
    }
    expect((await desk.head(bucket, 'touched')).json).toMatchObject({ generation, metageneration: '1' })
    expect((await desk.ask('PATCH', `${path}?ifMetagenerationMatch=1`, { body })).json.metageneration).toBe('2')
    expect((await desk.ask('DELETE', `${path}?ifMetagenerationMatch=1`)).status).toBe(412)
    const right = `ifGenerationMatch=${generation}&ifMetagenerationMatch=2`
    expect((await desk.ask('DELETE', `${path}?${right}`)).status).toBe(204)
    expect(refused(await desk.ask('DELETE', `${path}?${right}`))).toEqual([404, 'notFound'])
  })

  it('a copy asks of its source what it says, and of each source of a compose', async () => {
    const generation = await existing('from')
    const rewrite = (query: string) =>
      desk.ask('POST', `${pathOf(bucket, 'from')}/rewriteTo/b/${bucket.name}/o/to?${query}`)
    expect(refused(await rewrite('ifSourceGenerationMatch=1'))).toEqual(unmet)
    expect(refused(await rewrite('ifSourceMetagenerationMatch=2'))).toEqual(unmet)
    expect((await rewrite(`ifSourceGenerationNotMatch=${generation}`)).status).toBe(304)
    expect((await rewrite(`ifSourceGenerationMatch=${generation}&ifSourceMetagenerationMatch=1`)).status).toBe(200)
    const compose = (ifGenerationMatch: string) => {
      const sourceObjects = [{ name: 'to' }, { name: 'from', objectPreconditions: { ifGenerationMatch } }]
      return desk.ask('POST', `${pathOf(bucket, 'both')}/compose`, { body: { sourceObjects } })
    }
    expect(refused(await compose('1'))).toEqual(unmet)
    expect((await desk.head(bucket, 'both')).status).toBe(404)
    expect((await compose(generation)).status).toBe(200)
  })

  it('the XML API asks by headers', async () => {
    const generation = await existing('xml')
    const path = `/${bucket.name}/xml`
    for (const headers of [
      { 'x-goog-if-generation-match': '0' },
      { 'x-goog-if-generation-match': '1' },
      { 'x-goog-if-metageneration-match': '2' },
    ]) {
      for (const method of ['PUT', 'GET', 'DELETE']) {
        const { status, text } = await desk.ask(method, path, { headers, body: method === 'PUT' ? 'after' : '' })
        expect([status, /<Code>(.*)<\/Code>/.exec(text)?.[1]]).toEqual([412, 'PreconditionFailed'])
      }
    }
    const headers = { 'x-goog-if-generation-match': generation, 'x-goog-if-metageneration-match': '1' }
    expect((await desk.ask('PUT', path, { headers, body: 'after' })).status).toBe(200)
    expect(await text('xml')).toBe('after')
  })

  it('a precondition that is no number is refused, never passed over', async () => {
    await existing('number')
    for (const value of ['', 'x', '-1', '1.5', '0x0']) {
      expect(refused(await desk.put(bucket, 'number', 'after', `&ifGenerationMatch=${value}`))).toEqual([
        400,
        'invalidParameter',
      ])
    }
    expect(await text('number')).toBe('before')
  })

  it('of twenty writers under one condition one wins', { timeout: 30_000 }, async () => {
    const generation = await existing('race')
    const race = (name: string, match: string) =>
      Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          const preconditionOpts = { ifGenerationMatch: Number(match) }
          return (await codeOf(save(bucket, name, `writer ${i}`, { preconditionOpts }))) === 412 ? [] : [i]
        }),
      )
    for (const [name, match] of [
      ['race', generation],
      ['race-anew', '0'],
    ] as const) {
      const winners = (await race(name, match)).flat()
      expect(winners).toHaveLength(1)
      expect(await text(name)).toBe(`writer ${winners[0]}`)
    }
  })
})
