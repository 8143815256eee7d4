import { describe, expect, it } from 'vitest'
import { siteId } from '#shared/kernel/ids.ts'
import { breakers } from '#shared/layers/breakers.ts'
import type { ObjectMeta } from '#shared/ports/object-store.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Outcome } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { plant, stampAt, stampOfMeta } from './plant.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup } from './trio.ts'

const signal = new AbortController().signal
const joined = '2026-11-25T13:00:00.000Z'
const late = {
  ...oneGroup,
  sites: { ...oneGroup.sites, azure: { ...oneGroup.sites.azure, joined }, gcp: { ...oneGroup.sites.gcp, joined } },
}

async function settle(stage: Stage, core: Partial<Core> = {}): Promise<Outcome> {
  const message = { kind: 'settle', group: stage.group.id, key: key('k') } as const
  const outcome = await run(message, { ...stage.core, ...core }, signal)
  stage.receipts.push(...outcome.receipts)
  return outcome
}

/** Azure and Cloud Storage held the key before they joined, AWS wrote it last. */
async function filled(at: { readonly azure: string | null; readonly gcp: string | null }): Promise<Stage> {
  const stage = new Stage(late)
  for (const site of ['azure', 'gcp'] as const) {
    const text = at[site]
    if (text !== null) stage.at(site).user.put(key('k'), bytes(text))
    stage.clock.ms += 2_000
  }
  stage.at('aws').user.put(key('k'), bytes('same'))
  await stage.pass(7_200_000)
  stage.forget()
  return stage
}

/** What Azure holds was uploaded in parts: nobody vouches for its bytes. */
async function uploaded(text: string): Promise<{ readonly stage: Stage; readonly meta: ObjectMeta }> {
  const stage = new Stage(late)
  const upload = stage.at('azure').user.begin(key('k'))
  upload.part(bytes(text))
  const meta = upload.complete()
  stage.clock.ms += 2_000
  plant(stage, 'gcp', stampOfMeta('aws', stage.at('aws').user.put(key('k'), bytes('same'))), { text: 'same' })
  await stage.pass(7_200_000)
  stage.forget()
  return { stage, meta }
}

function reads(stage: Stage): readonly string[] {
  return stage.calls.filter((call) => call.endsWith('get')).toSorted()
}

describe('filled buckets', () => {
  it('with the same bytes are adopted: nothing is read and nothing moves', async () => {
    const stage = await filled({ azure: 'same', gcp: 'same' })
    await settle(stage)
    expect([stage.acts, stage.sent, reads(stage)]).toEqual([['agreed aws'], [], []])
  })

  it('give what others lack', async () => {
    const stage = await filled({ azure: 'same', gcp: null })
    await settle(stage)
    expect(stage.shown('k')).toEqual({ aws: 'same', azure: 'same', gcp: 'same' })
    expect(stage.sent.map(({ site }) => site)).toEqual(['gcp'])
  })

  it('with other bytes get the later ones, and what lay there is reported', async () => {
    const stage = await filled({ azure: 'other', gcp: 'same' })
    await settle(stage)
    expect(stage.acts).toEqual(['copied azure', 'conflict azure'])
  })

  it('lose everywhere what is deleted at one of them', async () => {
    const stage = await filled({ azure: 'same', gcp: 'same' })
    stage.at('azure').user.delete(key('k'))
    await settle(stage)
    expect(stage.shown('k')).toEqual({ aws: null, azure: null, gcp: null })
  })

  it('lose nothing that is written anew after that', async () => {
    const stage = await filled({ azure: 'same', gcp: 'same' })
    stage.at('azure').user.delete(key('k'))
    await settle(stage)
    await stage.pass(10_000)
    stage.at('gcp').user.put(key('k'), bytes('same'))
    await stage.pass(60_000)
    await settle(stage)
    expect(stage.shown('k')).toEqual({ aws: 'same', azure: 'same', gcp: 'same' })
  })
})

describe('contents that no shared checksum compares are read:', () => {
  it('equal, they are one object', async () => {
    const { stage } = await uploaded('same')
    await settle(stage)
    expect([stage.done, reads(stage), stage.sent]).toEqual([['agreed aws'], ['aws get', 'azure get'], []])
  })

  it('different, the later one is written', async () => {
    const { stage } = await uploaded('diff')
    await settle(stage)
    expect(stage.acts).toEqual(['copied azure', 'conflict azure'])
    expect(stage.shown('k')['azure']).toBe('same')
  })

  it('of different size, they are told apart unread', async () => {
    const { stage } = await uploaded('another size')
    await settle(stage)
    expect(reads(stage)).toEqual(['aws get'])
    expect(stage.acts).toEqual(['copied azure', 'conflict azure'])
  })

  it('deleted since, they are read where they are kept', async () => {
    const { stage } = await uploaded('same')
    stage.at('azure').user.delete(key('k'))
    await settle(stage)
    expect(reads(stage)).toEqual(['aws get', 'azure get'])
    expect(stage.shown('k')).toEqual({ aws: null, azure: null, gcp: null })
  })

  it('deleted since and different, they delete nothing', async () => {
    const { stage } = await uploaded('diff')
    stage.at('azure').user.delete(key('k'))
    await settle(stage)
    expect(stage.shown('k')).toEqual({ aws: 'same', azure: 'same', gcp: 'same' })
  })

  it('large, they wait unread for a function that has the time', async () => {
    const { stage } = await uploaded('same')
    const { again } = await settle(stage, { transfers: false, limits: { ...stage.core.limits, smallBytes: 3 } })
    expect(reads(stage)).toEqual([])
    expect(stage.acts).toEqual(['deferred aws'])
    expect(again).toMatchObject([{ message: { kind: 'settle', key: 'k' }, delayMs: 0, queue: 'long' }])
  })

  it.each([
    { transfers: true, smallBytes: 3 },
    { transfers: false, smallBytes: 4 },
  ])('are read where there is time, or so little to read: %o', async ({ transfers, smallBytes }) => {
    const { stage } = await uploaded('same')
    await settle(stage, { transfers, limits: { ...stage.core.limits, smallBytes } })
    expect(reads(stage)).toEqual(['aws get', 'azure get'])
    expect(stage.acts).toEqual(['agreed aws'])
  })

  it('gone while they are read, the key is looked at again', async () => {
    const { stage, meta } = await uploaded('same')
    stage.meanwhile('azure', 'get', () => {
      stage.at('azure').user.put(key('k'), bytes('newer'))
      stage.at('azure').user.removeVersion(key('k'), meta.version)
    })
    await settle(stage)
    expect(stage.shown('k')).toEqual({ aws: 'newer', azure: 'newer', gcp: 'newer' })
  })

  it('changed on the way, they are read again', async () => {
    const { stage } = await uploaded('same')
    stage.fault('aws', 'get', { fault: 'bit-flipped', byte: 0 })
    await settle(stage)
    expect(stage.done).toEqual(['agreed aws'])
    expect(reads(stage)).toEqual(['aws get', 'aws get', 'azure get', 'azure get'])
  })

  it('not given out, they are left alone, and the site’s breaker hears of it', async () => {
    const { stage } = await uploaded('same')
    const core = { breakers: breakers({ clock: stage.clock, failures: 1, restMs: 60_000 }) }
    stage.fault('azure', 'get', { fault: 'refused', kind: 'throttled' }, { times: Infinity })
    const { again } = await settle(stage, core)
    expect(stage.sent).toEqual([])
    expect(again).toHaveLength(1)
    expect(core.breakers.mayAsk(siteId('azure'))).toBe(false)
  })
})

it('a history that was read is not read again', async () => {
  const stage = new Stage()
  stage.at('aws').user.put(key('k'), bytes('x'))
  plant(stage, 'gcp', stampAt('aws', 1), { text: 'old', mark: { onto: 'absent' } })
  await stage.pass(20_000)
  stage.forget()
  await settle(stage)
  expect(stage.calls.filter((call) => call.endsWith('versions')).toSorted()).toEqual(['azure versions', 'gcp versions'])
})

it('an origin that has moved on within one second since it was asked is asked once more, not believed', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  stage.clock.ms = Math.ceil(stage.clock.ms / 1_000) * 1_000
  await stage.pass(100)
  const { user } = stage.at('aws')
  user.put(key('k'), bytes('first'))
  stage.forget()
  stage.meanwhile('gcp', 'head', () => {
    const second = user.put(key('k'), bytes('second'))
    plant(stage, 'gcp', stampOfMeta('aws', second), { text: 'second' })
  })
  await settle(stage)
  expect(stage.shown('k')).toEqual({ aws: 'second', azure: 'second', gcp: 'second' })
  expect(stage.sent.filter(({ site }) => site === 'gcp')).toEqual([])
})

it.each([
  ['away', { fault: 'request-lost' }],
  ['for a person to mend', { fault: 'refused', kind: 'invalid' }],
] as const)('of two versions of one second only their origin can tell: the key waits for it, %s', async (_, fault) => {
  const stage = new Stage()
  await stage.pass(20_000)
  for (const [site, id] of [
    ['azure', 'v'],
    ['gcp', 'w'],
  ] as const)
    plant(stage, site, stampAt('aws', stage.clock.ms - 5_000, id), { text: id })
  stage.forget()
  stage.fault('aws', 'head', fault)
  const { receipts, again, missed } = await settle(stage)
  expect(receipts).toContainEqual(
    expect.objectContaining({
      action: 'deferred',
      site: 'aws',
      why: 'only the origin can tell which of two versions of one date is the later',
    }),
  )
  expect(stage.calls.filter((call) => call === 'azure head')).toHaveLength(1)
  expect(again[0]).toMatchObject({ message: { kind: 'settle', group: 'all', key: 'k' }, delayMs: 30_000 })
  expect(missed).toEqual(['aws'])
  expect(stage.sent).toEqual([])
})

it('who agrees is said of one that still answered', async () => {
  const stage = new Stage()
  await stage.pass(20_000)
  const stamp = stampOfMeta('gcp', stage.at('gcp').user.put(key('k'), bytes('x')))
  plant(stage, 'aws', stamp, { mark: { onto: 'absent' } })
  plant(stage, 'azure', stamp)
  stage.fault('aws', 'versions', { fault: 'refused', kind: 'throttled' }, { times: Infinity })
  await settle(stage)
  expect(stage.acts).toEqual(['agreed azure', 'deferred aws'])
})
