import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { raw } from './raw.ts'
import { refusal } from './question.ts'
import { embedded, type Running, serviceOf, worldAt } from './world.ts'

let running: Running
beforeAll(async () => {
  running = await embedded()
})
afterEach(() => void vi.restoreAllMocks())
afterAll(() => running.close())

describe('the Azure face in trouble', () => {
  it.each([
    ['is gone', false, '404 ContainerNotFound'],
    ['was made anew', true, '200'],
  ])('answers as to a latecomer where the container %s while a body arrived', async (_what, anew, answer) => {
    const logged = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const { container } = await worldAt(running.site)
    const body = async function* () {
      yield Buffer.from('one')
      await container.delete()
      if (anew) await container.create()
      yield Buffer.from('two')
    }
    const blob = container.getBlockBlobClient('overtaken')
    expect(await refusal(() => blob.upload(() => Readable.from(body(), { objectMode: false }), 6))).toBe(answer)
    expect(await blob.exists()).toBe(anew)
    expect(logged).not.toHaveBeenCalled()
  })

  it('tells a defect of its own to the log, and to whoever asked', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const defect = new Error('a defect')
    vi.spyOn(running.engine, 'bucket').mockImplementation(() => {
      throw defect
    })
    const properties = () => serviceOf(running.site).getContainerClient('any').getProperties()
    expect(await refusal(properties)).toBe('500 InternalError')
    expect(logged).toHaveBeenCalledExactlyOnceWith('isobar-local azure:', defect)
  })

  it('takes a client that left within its body for no defect', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const own = await embedded()
    const { container } = await worldAt(own.site)
    const taken = vi.spyOn(own.engine, 'take')
    const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-length': '9' }
    const path = `/${container.containerName}/left`
    await raw(own.site, 'PUT', path, { headers, body: 'x', cut: true }).catch(() => undefined)
    await expect.poll(() => taken.mock.calls).toHaveLength(1)
    await own.close()
    expect(logged).not.toHaveBeenCalled()
  })
})
