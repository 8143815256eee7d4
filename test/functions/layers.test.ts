import { beforeEach, describe, expect, it } from 'vitest'
import { coreFor } from '#functions/runtime.ts'
import { parseConfig } from '#shared/config/load.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import type { ObjectMeta, ObjectStore } from '#shared/ports/object-store.ts'
import { TestClock } from '#test/layers/test-clock.ts'
import { document } from './world.ts'

const [aws, gcp] = [siteId('aws'), siteId('gcp')]
const key = parseKey('k')
const { signal } = new AbortController()

/** As in functions/runtime.ts, where one store's calls are counted. */
const callsMax = 64
const lookMs = 2_000

let clock: TestClock
/** What each site was asked, in order; the test answers, or does not. */
let asked: Map<string, PromiseWithResolvers<ObjectMeta | null>[]>
let store: (site: typeof aws) => ObjectStore

beforeEach(async () => {
  clock = new TestClock()
  clock.stop()
  asked = new Map()
  const driver = (site: typeof aws): ObjectStore => {
    const calls: PromiseWithResolvers<ObjectMeta | null>[] = []
    asked.set(site, calls)
    const verb = () => {
      const call = Promise.withResolvers<ObjectMeta | null>()
      calls.push(call)
      return call.promise
    }
    return new Proxy({} as ObjectStore, { get: (_, name) => (name === 'site' ? site : verb) })
  }
  const config = parseConfig(JSON.stringify(document))
  store = (await coreFor(config, { store: driver, control: driver }, clock)).store
})

/** Looks at one key; what they came to is noted in the order in which it happened. */
function look(times: number, site: typeof aws = aws): string[] {
  const ends: string[] = []
  for (let n = 0; n < times; n++)
    store(site)
      .head(key, signal)
      .then(
        () => ends.push('answered'),
        ({ kind }: Failure) => ends.push(kind),
      )
  return ends
}

const calls = (site: typeof aws = aws) => asked.get(site) ?? []
const reset = () => new Failure('unreachable', 'reset', { site: aws })

describe('the layers around a store, in their order', () => {
  it('let 64 requests go at once to one site, and count those of each site for themselves', async () => {
    look(callsMax + 10)
    look(3, gcp)
    await clock.pass(0)
    expect([calls().length, calls(gcp).length]).toEqual([callsMax, 3])
    calls()[0]?.resolve(null)
    await clock.pass(0)
    expect(calls()).toHaveLength(callsMax + 1)
  })

  it('bound the wait for a turn and the request together: two seconds, not two for each', async () => {
    look(callsMax)
    await clock.pass(lookMs / 2)
    const late = look(1)
    await clock.pass(lookMs / 2 - 1)
    for (const call of calls()) call.reject(new Failure('denied', 'no', { site: aws }))
    await clock.pass(0)
    expect(calls()).toHaveLength(callsMax + 1)
    await clock.pass(lookMs / 2)
    expect(late).toEqual([])
    await clock.pass(1)
    expect(late).toEqual(['unreachable'])
  })

  it('give the second try two seconds of its own', async () => {
    const ends = look(1)
    await clock.pass(0)
    calls()[0]?.reject(reset())
    await clock.pass(100)
    expect(calls()).toHaveLength(2)
    await clock.pass(lookMs - 51)
    expect(ends).toEqual([])
    await clock.pass(51)
    expect(ends).toEqual(['unreachable'])
  })

  it('keep no place taken while a second try is waited for', async () => {
    look(callsMax)
    await clock.pass(0)
    for (const call of calls()) call.reject(reset())
    await clock.pass(0)
    look(1)
    await clock.pass(0)
    expect(calls()).toHaveLength(callsMax + 1)
  })
})
