import { describe, expect, it } from 'vitest'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { absent, bench, bodyOf, failed, key, never, write } from './bench.ts'
import { answer, type Heard, refusal } from './scripted-server.ts'

/** Uploads and their parts as they stand: of the first letter is listed first, for all began within one second. */
class Aside {
  readonly parts = new Map<string, string[]>()
  begun = 0

  begin(id: string): void {
    this.parts.set(id, [])
  }

  answer({ method, target }: Heard): Buffer {
    const { searchParams: said } = new URL(target, 'http://here')
    const id = said.get('uploadId')
    const held = this.parts.get(id ?? '')
    if (method === 'POST') return this.#begun()
    if (id === null) return said.has('uploads') ? this.#uploads(said.get('prefix')!) : refusal(method, 404, 'NoSuchKey')
    if (held === undefined) return refusal(method, 404, 'NoSuchUpload')
    if (method === 'PUT') held.push(said.get('partNumber')!)
    return method === 'PUT' ? answer(200, { etag: '"p"' }) : answer(200, {}, partsIn(held))
  }

  #begun(): Buffer {
    this.begin(`c${++this.begun}`)
    const xml = `<InitiateMultipartUploadResult><UploadId>c${this.begun}</UploadId></InitiateMultipartUploadResult>`
    return answer(200, {}, xml)
  }

  #uploads(prefix: string): Buffer {
    const rows = [...this.parts.keys()].map(
      (id) =>
        `<Upload><Key>${prefix}</Key><UploadId>${id}</UploadId><Initiated>2026-11-24T09:00:00Z</Initiated></Upload>`,
    )
    return answer(200, {}, `<ListMultipartUploadsResult>${rows.join('')}</ListMultipartUploadsResult>`)
  }
}

function partsIn(held: readonly string[]): string {
  const rows = held.map((number) => `<Part><PartNumber>${number}</PartNumber><Size>4</Size><ETag>"p"</ETag></Part>`)
  return `<ListPartsResult>${rows.join('')}</ListPartsResult>`
}

const part = (store: ObjectStore, number: number, signal = never) =>
  store.putPart(key, 'transfer', number, bodyOf(Buffer.from('part')), {}, signal)

describe('parts of a transfer', () => {
  it('go on where they are listed, also where a later upload of the same second is listed first', async () => {
    const aside = new Aside()
    const { store } = await bench((request, socket) => void socket.write(aside.answer(request)))
    aside.begin('b')
    await part(store, 1)
    aside.begin('a')
    expect(await store.parts(key, 'transfer', never)).toEqual([])
    await part(store, 1)
    expect(Object.fromEntries(aside.parts)).toEqual({ a: ['1'], b: ['1'] })
    expect(await store.parts(key, 'transfer', never)).toHaveLength(1)
  })

  it('are not sent to where a commit has just missed them', async () => {
    const aside = new Aside()
    const { store } = await bench((request, socket) => void socket.write(aside.answer(request)))
    aside.begin('b')
    const one = await part(store, 1)
    aside.parts.delete('b')
    aside.begin('a')
    const { body: _, ...said } = write()
    expect(await failed(store.commit(key, 'transfer', [one], said, absent, never))).toMatchObject({ kind: 'absent' })
    await part(store, 1)
    expect(Object.fromEntries(aside.parts)).toEqual({ a: ['1'] })
  })

  it('that are sent at once begin one upload', async () => {
    const aside = new Aside()
    const { store } = await bench((request, socket) => void socket.write(aside.answer(request)))
    await Promise.all([1, 2, 3].map(async (number) => part(store, number)))
    expect(aside.begun).toBe(1)
    expect(aside.parts.get('c1')!.toSorted()).toEqual(['1', '2', '3'])
  })

  it('do not end with another whose caller left while both waited for their upload', async () => {
    const aside = new Aside()
    const first = Promise.withResolvers<void>()
    const { store, server } = await bench((request, socket) => {
      if (server.requests.length === 1) first.resolve()
      else socket.write(aside.answer(request))
    })
    aside.begin('a')
    const leaving = new AbortController()
    const [one, two] = [failed(part(store, 1, leaving.signal)), part(store, 2)]
    await first.promise
    leaving.abort()
    expect(await one).toMatchObject({ kind: 'unreachable', scope: 'key' })
    expect(await two).toMatchObject({ number: 2 })
  })
})
