import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { breakers } from '#shared/layers/breakers.ts'
import { azure, gcs, resized, s3 } from '#shared/memory/profiles.ts'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import { landing, move, type Landed } from '#shared/replication/move.ts'
import type { Lane } from '#shared/replication/seal.ts'
import { stampOfMeta } from './plant.ts'
import { Stage } from './stage.ts'
import { bytes, key, type Trio } from './trio.ts'

const signal = new AbortController().signal
const tiny = { partBytesMin: 1 }
const profiles = { aws: resized(s3, tiny), azure: resized(azure, tiny), gcp: resized(gcs, tiny) }

function laneTo(trio: Trio, site: string, meta: ObjectMeta, store: ObjectStore = trio.at(site).store): Lane {
  return {
    store,
    key: key('k'),
    condition: { if: 'absent' },
    storageClass: 'COLD',
    mark: { entry: 'isobar', stamp: stampOfMeta('aws', meta), onto: 'absent' },
  }
}

async function ready(text = 'hello'): Promise<{ readonly stage: Stage; readonly meta: ObjectMeta }> {
  const stage = new Stage(undefined, { profiles, limits: { smallBytes: 10, partBytes: 4 } })
  const meta = stage.at('aws').user.put(key('k'), bytes(text), { metadata: { m: '1' }, tags: { t: '2' } })
  await stage.pass(20_000)
  stage.forget()
  stage.requests()
  return { stage, meta }
}

function moved(stage: Stage, meta: ObjectMeta, lanes?: readonly Lane[], core = stage.core): Promise<readonly Landed[]> {
  const to = lanes ?? [laneTo(stage, 'azure', meta), laneTo(stage, 'gcp', meta)]
  return move(core, { store: stage.at('aws').store, meta }, to, signal)
}

it('a small object is read once and written to every lane, whole', async () => {
  const { stage, meta } = await ready()
  const [azure, gcp] = await moved(stage, meta)
  expect(azure).toMatchObject({ lane: { store: { site: 'azure' } }, parts: 0, checksum: 'verified', meta: { size: 5 } })
  expect(gcp).toMatchObject({ lane: { store: { site: 'gcp' } }, parts: 0, checksum: 'verified', meta: { size: 5 } })
  expect(stage.requests()).toEqual({ 'aws get': 1, 'aws tags': 1, 'azure put': 1, 'gcp put': 1 })
  expect(stage.shown('k')).toEqual({ aws: 'hello', azure: 'hello', gcp: 'hello' })
  for (const site of ['azure', 'gcp']) {
    expect(stage.at(site).bucket.dump()).toMatchObject([
      { metadata: { m: '1', isobar: expect.any(String) }, tags: { t: '2' }, storageClass: 'COLD', by: 'isobar' },
    ])
  }
})

it.each([
  [10, 'put'],
  [11, 'commit'],
])('an object of %i bytes is written by a %s', async (size, verb) => {
  const { stage, meta } = await ready('x'.repeat(size))
  await moved(stage, meta)
  expect(stage.sent.map((one) => one.verb)).toEqual([verb, verb])
})

it('the version that was seen is read, though another shows by now', async () => {
  const { stage, meta } = await ready()
  stage.at('aws').user.put(key('k'), bytes('newer'))
  await moved(stage, meta)
  expect(stage.shown('k')).toEqual({ aws: 'newer', azure: 'hello', gcp: 'hello' })
})

it('a version that is gone is the source’s failure, and nothing is written', async () => {
  const { stage, meta } = await ready()
  stage.at('aws').user.removeVersion(key('k'), meta.version)
  await expect(moved(stage, meta)).rejects.toThrow(
    new Failure('absent', 'aws: the version to copy is gone', { site: siteId('aws') }),
  )
  expect(stage.sent).toEqual([])
})

it('a bit that flipped while it was read is found before anything is written', async () => {
  const { stage, meta } = await ready()
  stage.fault('aws', 'get', { fault: 'bit-flipped', byte: 2 })
  await expect(moved(stage, meta)).rejects.toMatchObject({ kind: 'corrupt', site: 'aws' })
  expect(stage.sent).toEqual([])
})

it('a bit that flips while it is written is refused by the target, and by that one alone', async () => {
  const { stage, meta } = await ready()
  stage.fault('azure', 'put', { fault: 'bit-flipped', byte: 2 })
  const [azure, gcp] = await moved(stage, meta)
  expect(azure).toMatchObject({ failure: { kind: 'corrupt' } })
  expect(gcp).toMatchObject({ meta: { size: 5 } })
  expect(stage.shown('k')).toEqual({ aws: 'hello', azure: null, gcp: 'hello' })
})

it.each(['request-lost', 'answer-lost'] as const)('a lane whose %s fails for itself: as unknown', async (fault) => {
  const { stage, meta } = await ready()
  stage.fault('azure', 'put', { fault })
  const [azure, gcp] = await moved(stage, meta)
  expect(azure).toMatchObject({ lane: { store: { site: 'azure' } }, failure: { kind: 'unknown', site: 'azure' } })
  expect(gcp).toMatchObject({ meta: { size: 5 } })
  expect(stage.shown('k')['azure']).toBe(fault === 'answer-lost' ? 'hello' : null)
})

it('no lane waits for another', async () => {
  const { stage, meta } = await ready()
  const gcpWritten = Promise.withResolvers<void>()
  const slow: ObjectStore = {
    ...stage.at('azure').store,
    put: async (...args) => {
      await gcpWritten.promise
      return stage.at('azure').store.put(...args)
    },
  }
  const quick: ObjectStore = {
    ...stage.at('gcp').store,
    put: async (...args) => {
      const stored = await stage.at('gcp').store.put(...args)
      gcpWritten.resolve()
      return stored
    },
  }
  const landed = await moved(stage, meta, [laneTo(stage, 'azure', meta, slow), laneTo(stage, 'gcp', meta, quick)])
  expect(landed).toMatchObject([{ meta: {} }, { meta: {} }])
})

describe('the breaker of a target', () => {
  const azureSite = siteId('azure')

  async function watched() {
    const { stage, meta } = await ready()
    const core = { ...stage.core, breakers: breakers({ clock: stage.clock, failures: 2, restMs: 60_000 }) }
    return { stage, meta, core, lane: laneTo(stage, 'azure', meta) }
  }

  it('keeps every request from it while it is open', async () => {
    const { stage, meta, core, lane } = await watched()
    core.breakers.failed(azureSite)
    core.breakers.failed(azureSite)
    const [landed] = await moved(stage, meta, [lane], core)
    expect(landed).toEqual({
      lane,
      failure: new Failure('unreachable', 'azure: its breaker is open', { site: azureSite }),
    })
    expect(stage.requests()).toEqual({ 'aws get': 1, 'aws tags': 1 })
  })

  it('learns of a failure of the site', async () => {
    const { stage, meta, core, lane } = await watched()
    core.breakers.failed(azureSite)
    stage.fault('azure', 'put', { fault: 'refused', kind: 'throttled' })
    expect(await moved(stage, meta, [lane], core)).toMatchObject([{ failure: { kind: 'throttled' } }])
    expect(core.breakers.mayAsk(azureSite)).toBe(false)
  })

  it('learns of a success', async () => {
    const { stage, meta, core, lane } = await watched()
    core.breakers.failed(azureSite)
    await moved(stage, meta, [lane], core)
    core.breakers.failed(azureSite)
    expect(core.breakers.mayAsk(azureSite)).toBe(true)
  })

  it('learns nothing of a condition that failed', async () => {
    const { stage, meta, core, lane } = await watched()
    core.breakers.failed(azureSite)
    stage.at('azure').user.put(key('k'), bytes('there'))
    expect(await moved(stage, meta, [lane], core)).toMatchObject([{ failure: { kind: 'conflict' } }])
    expect(core.breakers.mayAsk(azureSite)).toBe(true)
  })

  it('learns nothing of another site’s failure; that one’s does', async () => {
    const { core, lane } = await watched()
    core.breakers.failed(azureSite)
    core.breakers.failed(siteId('aws'))
    const failure = new Failure('unreachable', 'the source', { site: siteId('aws') })
    expect(await landing(core, lane, () => Promise.reject(failure))).toEqual({ lane, failure })
    expect([core.breakers.mayAsk(azureSite), core.breakers.mayAsk(siteId('aws'))]).toEqual([true, false])
  })

  it('hears of one failure once, however many lanes it ended', async () => {
    const { core, lane } = await watched()
    const failure = new Failure('unreachable', 'the source', { site: siteId('aws') })
    await Promise.all([1, 2, 3].map(() => landing(core, lane, () => Promise.reject(failure))))
    expect(core.breakers.mayAsk(siteId('aws'))).toBe(true)
    await landing(core, lane, () => Promise.reject(new Failure('unreachable', 'again', { site: siteId('aws') })))
    expect(core.breakers.mayAsk(siteId('aws'))).toBe(false)
  })

  it('hears of a failure that names no site', async () => {
    const { core, lane } = await watched()
    core.breakers.failed(azureSite)
    await landing(core, lane, () => Promise.reject(new Failure('unreachable', 'somewhere')))
    expect(core.breakers.mayAsk(azureSite)).toBe(false)
  })

  it('hears no defect of ours', async () => {
    const { core, lane } = await watched()
    await expect(landing(core, lane, () => Promise.reject(new TypeError('ours')))).rejects.toThrow(TypeError)
  })
})
