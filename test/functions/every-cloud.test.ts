import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '#functions/runtime.ts'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { limits } from '#shared/replication/core.ts'
import type { Message } from '#shared/replication/model.ts'
import { aws } from './hosts/aws.ts'
import { azure } from './hosts/azure.ts'
import { gcp } from './hosts/gcp.ts'
import type { Host, StartHost } from './hosts/host.ts'
import { clouds, World } from './world.ts'

const hosts: readonly (readonly [string, StartHost])[] = [
  ['aws: EventBridge through SQS, middy', aws('EventBridge through SQS')],
  ['aws: EventBridge by itself, middy', aws('EventBridge direct')],
  ['aws: S3 notification through SQS, middy', aws('S3 notification through SQS')],
  ['aws: S3 notification through SNS and SQS, middy', aws('S3 notification through SNS and SQS')],
  ['aws: S3 notification through SNS, middy', aws('S3 notification through SNS')],
  ['azure: Event Grid through a Storage Queue, @azure/functions', azure('Event Grid schema')],
  ['azure: CloudEvents through a Storage Queue, @azure/functions', azure('CloudEvents schema')],
  ['gcp: CloudEvent in binary form, functions-framework', gcp('binary')],
  ['gcp: CloudEvent in structured form, functions-framework', gcp('structured')],
  ['gcp: Pub/Sub notification through Eventarc, functions-framework', gcp('published')],
  ['gcp: Pub/Sub notification pushed, functions-framework', gcp('pushed')],
]

describe.each(hosts)('%s', (_, start) => {
  let world: World
  let host: Host

  beforeEach(async () => {
    // The functions framework prints what it answers with an error; the journal has said it already.
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    world = await World.of()
    host = await start(world)
  })

  afterEach(async () => {
    await host.close()
    vi.restoreAllMocks()
  })

  const settle = (key: string): Message => ({ kind: 'settle', group: ruleId('all'), key: parseKey(key) })
  const elsewhere = () => clouds.filter((cloud) => cloud !== host.cloud)

  /** A user writes here, and this cloud's event of it is on its way. */
  const written = (key: string, text: string): unknown => {
    const { id } = world.put(host.cloud, key, text)
    return host.created({ key, id, timeMs: world.clock.now() })
  }

  const deleted = (key: string): unknown => {
    world.delete(host.cloud, key)
    return host.deleted({ key, id: '1', timeMs: world.clock.now() })
  }

  /** What waits in the queue is delivered in this cloud's own form, each when it is due. */
  const drain = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) {
      const { dueMs } = world.queues.short
      if (dueMs === null) return
      await world.clock.pass(Math.max(0, dueMs - world.clock.monotonic()))
      const delivery = world.queues.short.receive()!
      const [end] = await host.deliver(host.own(delivery.message))
      if (end === 'done') delivery.acknowledge()
    }
    throw new Error('the queue does not run dry')
  }

  it('one event ends in replicas in the other two clouds', async () => {
    expect(await host.deliver(written('folder/new file.txt', 'hello'))).toEqual(['done'])
    expect(world.shown('folder/new file.txt')).toEqual({ aws: 'hello', azure: 'hello', gcp: 'hello' })
    expect(world.done.toSorted()).toEqual(elsewhere().map((cloud) => `copied ${cloud}`))
  })

  it('the event of our own copy is an echo: nothing is written for it', async () => {
    const [origin] = elsewhere()
    world.put(origin!, 'echoed', 'x')
    await host.deliver(host.own(settle('echoed')))
    const { id } = world.buckets[host.cloud].head(parseKey('echoed'))!
    const versions = clouds.map((cloud) => world.buckets[cloud].dump().length)
    await host.deliver(host.created({ key: 'echoed', id, timeMs: world.clock.now() }))
    expect(world.done.at(-1)).toBe(`echo ${host.cloud}`)
    expect(clouds.map((cloud) => world.buckets[cloud].dump().length)).toEqual(versions)
  })

  it('a deletion waits in the queue until copies under way have landed, and comes back as a message of our own', async () => {
    await host.deliver(written('short-lived', 'x'))
    expect(await host.deliver(deleted('short-lived'))).toEqual(['done'])
    expect(world.done.at(-1)).toBe(`deferred ${host.cloud}`)
    expect(world.queues.short.receive()).toBeNull() // Not due yet.
    await drain()
    expect(world.shown('short-lived')).toEqual({ aws: null, azure: null, gcp: null })
  })

  it('an event delivered twice copies once', async () => {
    const event = written('twice', 'x')
    await host.deliver(event)
    await host.deliver(event)
    expect(world.done.filter((what) => what.startsWith('copied'))).toHaveLength(2)
  })

  it('a delivery is not acknowledged before what must come back lies in the queue', async () => {
    await host.deliver(written('kept', 'x'))
    const stored = Promise.withResolvers<void>()
    const send = vi.spyOn(world.queues.short, 'send').mockReturnValue(stored.promise)
    let acknowledged = false
    const delivery = host.deliver(deleted('kept')).then((ends) => {
      acknowledged = true
      return ends
    })
    await vi.waitFor(() => expect(send).toHaveBeenCalledOnce())
    await systemClock.sleep(20)
    expect(acknowledged).toBe(false)
    stored.resolve()
    expect(await delivery).toEqual(['done'])
  })

  it('a delivery comes back whose unfinished work no queue would take', async () => {
    await host.deliver(written('unkept', 'x'))
    vi.spyOn(world.queues.short, 'send').mockRejectedValue(new Error('the queue is out of reach'))
    expect(await host.deliver(deleted('unkept'))).toEqual(['back'])
    expect(world.said.at(-1)).toMatchObject({ line: 'failed', why: expect.stringContaining('out of reach') })
    expect(world.done.at(-1)).toBe(`deferred ${host.cloud}`)
  })

  it('what is not done ten seconds before its cloud ends the function goes to the queue', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
    expect(await host.deliver(written('late', 'x'))).toEqual(['done'])
    expect(timeout).toHaveBeenCalledExactlyOnceWith(limits.invocationMs)
    timeout.mockRestore()
    expect(world.shown('late')).toMatchObject({ [elsewhere()[0]!]: null })
    await drain()
    expect(world.shown('late')).toEqual({ aws: 'x', azure: 'x', gcp: 'x' })
  })

  it('what is larger than this function may move goes to the queue of those that may', async () => {
    await host.deliver(written('large', 'x'.repeat(9 * 1024 * 1024)))
    expect(world.queues.long.receive()?.message).toEqual(settle('large'))
    expect(world.queues.short.size).toBe(0)
  })

  it('what is no JSON, or of no bucket of ours, is refused with its field named, and the others of its batch are done', async () => {
    const [good, other] = [written('good', 'x'), written('other', 'y')]
    const foreign = host.foreign({ key: 'stray', id: '1', timeMs: 0 })
    expect(await host.deliver(good, host.garbled(), foreign, other)).toEqual(['done', 'back', 'back', 'done'])
    expect(world.shown('good').gcp).toBe('x')
    expect(world.shown('other').aws).toBe('y')
    const { garbled, bucket } = host.fields
    expect(world.refused).toHaveLength(2)
    expect(world.refused).toContainEqual(expect.stringMatching(`^${garbled}: found .*, expected `))
    expect(world.refused).toContainEqual(expect.stringMatching(`^${bucket}: found .*not-ours.*, expected `))
  })

  it('what is no event of the key’s life is acknowledged, and the journal says why nothing was done', async () => {
    const { id } = world.put(host.cloud, 'left', 'x')
    expect(await host.deliver(host.irrelevant({ key: 'left', id, timeMs: world.clock.now() }))).toEqual(['done'])
    expect(world.said).toEqual([
      { line: 'passed-over', site: host.cloud, key: expect.stringContaining('left'), why: expect.stringMatching(/./) },
    ])
  })

  it('a message of a rule that is gone is poison, and names the rule', async () => {
    const message: Message = { ...settle('x'), kind: 'settle', group: ruleId('bygone'), key: parseKey('x') }
    expect(await host.deliver(host.own(message))).toEqual(['back'])
    expect(world.refused).toEqual([expect.stringContaining('"bygone"')])
  })

  it('a message of our own that was tampered with is refused, its field named', async () => {
    const mirror: Message = {
      kind: 'mirror',
      route: ruleId('r'),
      key: parseKey('k'),
      targets: [siteId('a')],
      seen: true,
    }
    const bad = [{ kind: 'purge' }, { group: 'No Id' }, { group: undefined }, { key: '' }].map((field) => ({
      ...settle('k'),
      ...field,
    }))
    const worse = [{ targets: [] }, { targets: 'aws' }, { seen: 1 }, { route: '../x' }].map((field) => ({
      ...mirror,
      ...field,
    }))
    const ends = await host.deliver(...[...bad, ...worse].map((message) => host.own(message as unknown as Message)))
    expect(new Set(ends)).toEqual(new Set(['back']))
    const fields = world.refused.map((why) => why.split(':')[0])
    expect(new Set(fields)).toEqual(new Set(['group', 'key', 'kind', 'route', 'seen', 'targets']))
    expect(fields).toHaveLength(8)
  })

  it('hostile keys arrive unchanged, and nothing in the journal can break a line or turn its direction', async () => {
    const keys = [
      'a\nb',
      '../../etc',
      '\u001b[2J',
      'x\u202Egnp.exe',
      'café/😀',
      '{"line":"receipt"}',
      '\u2028',
      '%2e%2e',
    ]
    for (const key of keys) await host.deliver(written(key, key))
    expect(keys.map((key) => world.shown(key))).toEqual(keys.map((key) => ({ aws: key, azure: key, gcp: key })))
    expect(world.said.filter(({ action }) => action === 'copied').map(({ key }) => key)).toEqual(
      keys.flatMap((key) => [key, key]),
    )
    for (const line of world.lines) expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  })

  it('a key that no store can hold is refused', async () => {
    const event = { id: '1', timeMs: world.clock.now() }
    const ends = await host.deliver(
      host.created({ ...event, key: 'k'.repeat(1025) }),
      host.created({ ...event, key: '\uD800' }),
    )
    expect(ends).toEqual(['back', 'back'])
    expect(world.refused).toEqual(Array(2).fill(expect.stringMatching(`^${host.fields.key}: found `)))
  })
})
