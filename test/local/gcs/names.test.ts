import type { Bucket } from '@google-cloud/storage'
import { beforeAll, describe, expect, it } from 'vitest'
import { codeOf, Desk, pathOf, refused, save } from './desk.ts'

const odd = [
  'a b',
  'a+b',
  'a%2Fb',
  '%',
  '%zz',
  'a//b',
  './x',
  'a/../b',
  '../up',
  'a/./b',
  '/lead',
  'dir/',
  'trailing.',
  'q?x=1&y#z',
  'back\\slash',
  '"quotes\' & <marks>',
  '\u0001\u001f\u007f',
  'e\u0301',
  '\u00e9',
  '😀',
  '__proto__',
  '...',
  'k'.repeat(1024),
  '😀'.repeat(256),
  `${'s/'.repeat(300)}s`,
  'x',
  'x/y',
]

describe('names in Cloud Storage', () => {
  let desk: Desk
  let bucket: Bucket
  beforeAll(async () => {
    desk = await Desk.open()
    bucket = await desk.bucket()
  })

  it('are kept as they are, through the JSON API, the XML API and the SDK', async () => {
    for (const name of odd) expect((await desk.put(bucket, name, `body of ${name}`)).json['name']).toBe(name)
    const listed = async () => (await bucket.getFiles())[0].map(({ name }) => name)
    expect((await listed()).toSorted()).toEqual(odd.toSorted())
    for (const name of odd) {
      expect((await desk.read(bucket, name)).text).toBe(`body of ${name}`)
      const xml = `/${bucket.name}/${encodeURIComponent(name).replaceAll('%2F', '/')}`
      expect((await desk.ask('GET', xml)).text).toBe(`body of ${name}`)
      const mediaLink = (await desk.head(bucket, name)).json['mediaLink'] as string
      expect((await desk.ask('GET', mediaLink.slice(desk.url.length))).text).toBe(`body of ${name}`)
    }
    for (const [i, name] of odd.entries()) {
      expect((await desk.ask('DELETE', pathOf(bucket, name))).status).toBe(204)
      expect(await listed()).toHaveLength(odd.length - i - 1)
    }
  })

  it('are refused where Cloud Storage has none such, in each form of upload', async () => {
    const refusedNames = ['line\nbreak', 'line\rbreak', '.', '..', 'k'.repeat(1025), '😀'.repeat(257)]
    for (const name of refusedNames) {
      expect(refused(await desk.put(bucket, name, 'x'))).toEqual([400, 'invalid'])
      expect(await codeOf(save(bucket, name, 'x'))).toBe(400)
      const encoded = encodeURIComponent(name).replaceAll('.', '%2E')
      expect((await desk.ask('PUT', `/${bucket.name}/${encoded}`, { body: 'x' })).status).toBe(400)
      expect((await desk.ask('POST', `/${bucket.name}/${encoded}?uploads`)).status).toBe(400)
    }
    const lone = { uploadType: 'resumable', body: '{"name":"\\ud800"}' }
    const target = `/upload/storage/v1/b/${bucket.name}/o?uploadType=${lone.uploadType}`
    expect(refused(await desk.ask('POST', target, { body: lone.body }))).toEqual([400, 'invalid'])
    expect(refused(await desk.ask('POST', target, { body: '{}' }))).toEqual([400, 'required'])
    expect(refused(await desk.ask('POST', `${target}&name=a`, { body: '{"name":"b"}' }))).toEqual([400, 'invalid'])
    expect((await bucket.getFiles())[0]).toEqual([])
  })

  it('in addresses are decoded strictly, piece by piece, and nothing is normalised', async () => {
    await desk.put(bucket, 'a', 'x')
    const at = `/storage/v1/b/${bucket.name}`
    for (const target of [`${at}/o/%`, `${at}/o/%ff`, `${at}/o/%c0%ae`, `${at}/o?prefix=%zz`]) {
      expect(refused(await desk.ask('GET', target))).toEqual([400, 'invalid'])
    }
    for (const target of [
      `${at}/`,
      `${at}/o/`,
      `${at}/o/a/`,
      `${at}//o/a`,
      `${at}/o/b/../a`,
      `${at}/o/../../${bucket.name}/o/a`,
      `/storage/v1/../v1/b/${bucket.name}`,
      `/storage/v1`,
      `/storage/v1/c`,
    ]) {
      for (const method of ['GET', 'DELETE']) expect((await desk.ask(method, target)).status).toBe(404)
    }
    expect((await desk.read(bucket, 'a')).status).toBe(200)
  })

  it('a deletion of ".." or "" reaches no bucket and no other object', async () => {
    const empty = await desk.bucket()
    await codeOf(empty.file('..').delete())
    await codeOf(empty.file('.').delete())
    await codeOf(empty.file('../../b').delete())
    for (const target of [`/storage/v1/b/${empty.name}/`, `/storage/v1/b/${empty.name}/o/..`, `/${empty.name}/`]) {
      expect((await desk.ask('DELETE', target)).status).toBeGreaterThanOrEqual(400)
    }
    expect((await empty.exists())[0]).toBe(true)
  })

  it('of one bucket reach into no other', async () => {
    const [one, two] = [await desk.bucket(), await desk.bucket()]
    await desk.put(two, 'secret', 'two')
    for (const name of [`../${two.name}/secret`, `..%2f${two.name}%2fsecret`, `/../${two.name}/secret`]) {
      await desk.put(one, name, 'one')
      expect((await desk.read(one, name)).text).toBe('one')
      await desk.ask('PUT', `/${one.name}/${name}`, { body: 'one' })
      await desk.ask('DELETE', `/${one.name}/${name}`)
    }
    expect((await desk.read(two, 'secret')).text).toBe('two')
    expect(await desk.generations(two)).toHaveLength(1)
  })

  it('of buckets are refused where Cloud Storage has none such', async () => {
    for (const name of [
      '',
      'ab',
      'A-b',
      '-ab',
      'ab-',
      'a..b',
      'a/b',
      'b'.repeat(64),
      `${'b'.repeat(60)}.${'c'.repeat(200)}`,
    ]) {
      const { status } = await desk.ask('POST', '/storage/v1/b?project=x', { body: { name } })
      expect([name, status]).toEqual([name, 400])
    }
    expect(refused(await desk.ask('POST', '/storage/v1/b?project=x', { body: '{' }))).toEqual([400, 'parseError'])
  })
})
