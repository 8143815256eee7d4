import { describe, expect, it } from 'vitest'
import { Failure } from '#shared/kernel/failure.ts'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import type { Message, ObjectEvent } from '#shared/replication/model.ts'
import { breakers } from '#shared/layers/breakers.ts'
import { run } from '#shared/replication/run.ts'
import { routeSites } from './routes.ts'
import { Stage } from './stage.ts'
import { bytes, key } from './trio.ts'

const signal = new AbortController().signal

/** A group of two, a route out of one of them, and another key’s group that nothing here concerns. */
const several = {
  sites: routeSites,
  replicate: [
    { id: 'pair', among: ['aws', 'gcp'], prefix: 'k' },
    { id: 'out', from: 'aws', to: ['vault', 'azure'], prefix: 'k' },
    { id: 'elsewhere', among: ['aws', 'gcp'], prefix: 'z' },
  ],
}

async function ready(): Promise<Stage> {
  const stage = new Stage(several)
  await stage.pass(20_000)
  stage.forget()
  return stage
}

function created(stage: Stage, text = 'x'): ObjectEvent {
  stage.at('aws').user.put(key('k'), bytes(text))
  return stage.events.splice(0)[0]!
}

describe('an event', () => {
  it('is for every rule of its key at its site', async () => {
    const stage = await ready()
    const { again } = await stage.deliver(created(stage))
    expect(stage.receipts.map(({ rule, action, site }) => `${rule} ${action} ${site}`)).toEqual([
      'pair copied gcp',
      'out copied vault',
      'out copied azure',
    ])
    expect(again).toEqual([])
    expect(stage.shown('k')).toEqual({ aws: 'x', gcp: 'x', vault: 'x', azure: 'x' })
  })

  it('of a site or a key that no rule starts from is for nobody', async () => {
    const stage = await ready()
    stage.at('vault').user.put(key('k'), bytes('x'))
    stage.at('aws').user.put(key('unnamed'), bytes('x'))
    for (const event of stage.events.splice(0)) {
      expect(await stage.deliver(event)).toEqual({ receipts: [], again: [], missed: [] })
    }
    expect(stage.requests()).toEqual({})
  })

  it('that one rule cannot follow now is followed by the others', async () => {
    const stage = await ready()
    const event = created(stage)
    stage.fault('aws', 'get', { fault: 'request-lost' })
    const { again } = await stage.deliver(event)
    expect(stage.acts).toEqual(['deferred aws', 'copied vault', 'copied azure'])
    expect(again).toEqual([
      {
        message: { kind: 'changed', group: 'pair', event, wasFresh: false },
        delayMs: 30_000,
        queue: 'short',
        why: 'get k at aws: the request was lost (injected)',
      },
    ])
    await stage.deliver(again[0]!.message)
    expect(stage.shown('k')['gcp']).toBe('x')
  })

  it('whose own site fails again and again opens its breaker; one that answers between closes it', async () => {
    const stage = await ready()
    const core = { ...stage.core, breakers: breakers({ clock: stage.clock, failures: 2, restMs: 60_000 }) }
    const event = created(stage)
    const atHome = async (fails: boolean) => {
      if (fails) stage.fault('aws', 'get', { fault: 'request-lost' }, { times: 1 })
      await run({ kind: 'changed', group: ruleId('pair'), event, wasFresh: false }, core, signal)
    }
    for (const fails of [true, false, true]) await atHome(fails)
    expect(core.breakers.mayAsk(siteId('aws'))).toBe(true)
    await atHome(true)
    expect(core.breakers.mayAsk(siteId('aws'))).toBe(false)
  })

  it.each([
    ['created', 'changed'],
    ['updated', 'changed'],
    ['uncovered', 'settle'],
    ['deleted', 'settle'],
  ] as const)('%s comes back to each rule as what that needs by then: to the group as %s', async (kind, as) => {
    const stage = await ready()
    const event = { ...created(stage), kind, byUser: false }
    stage.cutOff('aws', 'get', 'head')
    const { again } = await stage.deliver(event)
    const toGroup =
      as === 'settle' ? { kind: as, group: 'pair', key: 'k' } : { kind: as, group: 'pair', event, wasFresh: false }
    expect(again.map(({ message }) => message)).toEqual([
      toGroup,
      { kind: 'mirror', route: 'out', key: 'k', targets: ['vault', 'azure'], seen: false },
    ])
  })

  it.each([
    ['deleted', true, true],
    ['deleted', false, false],
    ['deleted', null, false],
    ['created', true, false],
  ] as const)('%s, by a user: %s, comes back as a deletion seen: %s', async (kind, byUser, seen) => {
    const stage = await ready()
    stage.cutOff('aws', 'get', 'head')
    const { again } = await stage.deliver({ ...created(stage), kind, byUser })
    expect(again.at(-1)!.message).toMatchObject({ kind: 'mirror', seen })
  })

  it('that only a person can mend is parked at the site that says so', async () => {
    const stage = await ready()
    const event = created(stage)
    stage.at('aws').bucket.refuse(key('k'), 'archived')
    const { again } = await stage.deliver(event)
    expect(again).toEqual([])
    const parked = { action: 'parked', site: 'aws', why: 'k is archived: restore it to read it' }
    expect(stage.receipts).toMatchObject([
      { ...parked, rule: 'pair' },
      { ...parked, rule: 'out' },
    ])
  })

  it('is a rule’s own trouble where no site is named', async () => {
    const stage = await ready()
    const event = created(stage)
    const nameless = {
      ...stage.core,
      store: (site: ReturnType<typeof siteId>) => ({
        ...stage.core.store(site),
        get: () => Promise.reject(new Failure('unreachable', 'somewhere')),
      }),
    }
    const { receipts } = await run({ kind: 'event', event }, nameless, signal)
    expect(receipts.map(({ rule, action, site }) => `${rule} ${action} ${site}`)).toEqual([
      'pair deferred aws',
      'out deferred aws',
    ])
  })

  it('along a route that fails before anybody is asked is its source’s', async () => {
    const stage = await ready()
    const event = { ...created(stage), kind: 'deleted' } as const
    const nowhere = {
      ...stage.core,
      store: () => {
        throw new Failure('unreachable', 'no store was made')
      },
    }
    const { receipts } = await run({ kind: 'event', event }, nowhere, signal)
    expect(receipts.map(({ rule, action, site }) => `${rule} ${action} ${site}`)).toContain('out deferred aws')
  })
})

describe('a deletion', () => {
  it('waits for each rule by itself until copies under way have landed, and then costs a look at each end', async () => {
    const stage = await ready()
    await stage.deliver(created(stage))
    await stage.pass(20_000)
    stage.forget()
    stage.at('aws').user.delete(key('k'))
    const deletion = { ...stage.events[0]!, timeMs: Math.floor(stage.clock.ms / 1000) * 1000 }
    const { again } = await stage.deliver(deletion)
    const why = 'a deletion waits until copies under way have landed'
    const common = { delayMs: 4_000, queue: 'short', why }
    expect(again).toEqual([
      { ...common, message: { kind: 'settle', group: 'pair', key: 'k' } },
      { ...common, message: { kind: 'mirror', route: 'out', key: 'k', targets: ['vault', 'azure'], seen: true } },
    ])
    await stage.pass(4_000)
    stage.forgetCalls()
    await stage.deliver(deletion)
    expect(stage.requests()).toMatchObject({ 'vault head': 1, 'vault remove': 1, 'azure head': 1, 'azure remove': 1 })
    expect(stage.calls).not.toContain('aws get')
  })
})

describe('a message', () => {
  it('to settle is settled, looking deeper', async () => {
    const stage = await ready()
    created(stage)
    await stage.deliver({ kind: 'settle', group: ruleId('pair'), key: key('k') })
    expect(stage.shown('k')['gcp']).toBe('x')
    stage.forgetCalls()
    await stage.deliver({ kind: 'settle', group: ruleId('pair'), key: key('k') })
    expect(stage.requests()).toEqual({ 'aws head': 1, 'gcp head': 1, 'gcp versions': 1 })
  })

  it('of what changed is for its group alone', async () => {
    const stage = await ready()
    const event = created(stage)
    await stage.deliver({ kind: 'changed', group: ruleId('pair'), event, wasFresh: false })
    expect(stage.receipts.map(({ rule, action, site }) => `${rule} ${action} ${site}`)).toEqual(['pair copied gcp'])
  })

  it('of what changed where its group has no member any more is held, and asks nobody', async () => {
    const stage = await ready()
    const event = { ...created(stage), site: siteId('azure') }
    stage.forgetCalls()
    await stage.deliver({ kind: 'changed', group: ruleId('pair'), event, wasFresh: false })
    expect(stage.acts).toEqual(['held aws'])
    expect(stage.calls).toEqual([])
  })

  it('along a route is for its own targets alone, and for those that the route still has', async () => {
    const stage = await ready()
    created(stage)
    const targets = ['azure', 'gcp'].map(siteId)
    await stage.deliver({ kind: 'mirror', route: ruleId('out'), key: key('k'), targets, seen: false })
    expect(stage.acts).toEqual(['copied azure'])
    expect(stage.requests()).toMatchObject({ 'aws head': 1, 'azure head': 1 })
    expect(stage.shown('k')).toMatchObject({ gcp: null, vault: null })
  })

  it.each([true, false])('carries on whether a user was seen to delete: %s', async (seen) => {
    const stage = new Stage({ ...several, replicate: [{ id: 'out', from: 'aws', to: ['vault'], deletes: 'seen' }] })
    await stage.deliver(created(stage))
    stage.at('aws').user.delete(key('k'))
    await stage.deliver({ kind: 'mirror', route: ruleId('out'), key: key('k'), targets: [siteId('vault')], seen })
    expect(stage.shown('k')['vault']).toBe(seen ? null : 'x')
  })

  const change: Omit<ObjectEvent, 'key' | 'site'> = {
    kind: 'created',
    id: null,
    timeMs: 0,
    writtenFor: null,
    byUser: true,
  }
  const ofChange = (group: string, at: string): Message => {
    const event = { ...change, key: key(at), site: siteId('aws') }
    return { kind: 'changed', group: ruleId(group), event, wasFresh: false }
  }

  it.each<readonly [Message, string]>([
    [ofChange('all', 'out/k'), 'aws'],
    [{ kind: 'settle', group: ruleId('all'), key: key('out/k') }, 'aws'],
    [{ kind: 'mirror', route: ruleId('copy'), key: key('in/k'), targets: [siteId('vault')], seen: false }, 'gcp'],
  ])('from before its rule left that key is held, and moves nothing', async (message, site) => {
    const narrow = [
      { id: 'all', among: ['aws', 'azure'], prefix: 'in/' },
      { id: 'copy', from: 'gcp', to: ['vault'], prefix: 'out/' },
    ]
    const stage = new Stage({ ...several, replicate: narrow })
    for (const at of ['aws', 'gcp']) for (const name of ['in/k', 'out/k']) stage.at(at).user.put(key(name), bytes('x'))
    expect((await stage.deliver(message)).again).toEqual([])
    expect(stage.receipts).toMatchObject([{ action: 'held', site, why: 'the rule does not take this key any more' }])
    expect(stage.calls).toEqual([])
  })

  it('that could not be followed comes back as it was', async () => {
    const stage = await ready()
    stage.cutOff('aws', 'head')
    const message: Message = {
      kind: 'mirror',
      route: ruleId('out'),
      key: key('k'),
      targets: [siteId('vault')],
      seen: true,
    }
    expect((await stage.deliver(message)).again).toMatchObject([{ message, delayMs: 30_000, queue: 'short' }])
  })

  it.each<readonly [string, Message]>([
    ['gone', ofChange('gone', 'k')],
    ['out', ofChange('out', 'k')],
    ['gone', { kind: 'settle', group: ruleId('gone'), key: key('k') }],
    ['out', { kind: 'settle', group: ruleId('out'), key: key('k') }],
    ['gone', { kind: 'mirror', route: ruleId('gone'), key: key('k'), targets: [], seen: false }],
    ['pair', { kind: 'mirror', route: ruleId('pair'), key: key('k'), targets: [], seen: false }],
  ])('of a rule that is not there (%s) is poison, and says so', async (name, message) => {
    const stage = await ready()
    await expect(stage.deliver(message)).rejects.toThrow(
      new Failure('invalid', `message: rule "${name}" is not in the configuration`),
    )
  })
})

it('a defect of ours is nobody’s refusal: the message is not acknowledged', async () => {
  const stage = await ready()
  const broken = {
    ...stage.core,
    store: () => {
      throw new TypeError('ours')
    },
  }
  await expect(run({ kind: 'event', event: created(stage) }, broken, signal)).rejects.toThrow(TypeError)
})
