import { beforeEach, describe, expect, it } from 'vitest'
import { reconcile as atAws } from '#aws/triggers/reconcile.ts'
import { transferPart as awsTransfer } from '#aws/triggers/transfer-part.ts'
import { reconcile as atAzure } from '#azure/triggers/reconcile.ts'
import { transferPart as azureTransfer } from '#azure/triggers/transfer-part.ts'
import type { OwnMessage } from '#functions/message.ts'
import { passagesFrom } from '#functions/pass.ts'
import { reconcile as atGcp } from '#gcp/triggers/reconcile.ts'
import { transferPart as gcpTransfer } from '#gcp/triggers/transfer-part.ts'
import { parseConfig } from '#shared/config/load.ts'
import { ruleId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import type { Message } from '#shared/replication/model.ts'
import { batch, context } from './hosts/aws.ts'
import { recorded } from './recorded.ts'
import { document, World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await World.of()
})

/** The long queue's messages, each handed to Lambda as its own, until none is left. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    const { dueMs } = world.queues.long
    if (dueMs === null) return
    await world.clock.pass(Math.max(0, dueMs - world.clock.monotonic()))
    const delivery = world.queues.long.receive()!
    const { batchItemFailures } = await awsTransfer(world.work)(batch([JSON.stringify(delivery.message)]), context)
    if (batchItemFailures.length === 0) delivery.acknowledge()
  }
  throw new Error('the queue does not run dry')
}

describe('a timer', () => {
  it('sets a pass going, which finds what lost events left undone, however many invocations it takes', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) world.put('azure', key, key)
    await world.clock.pass(60_000)
    world.work = {
      ...world.work,
      core: { ...world.work.core, limits: { ...world.work.core.limits, reconcileKeys: 20 } },
    }
    await atAws(world.work)({})
    await drain()
    for (const key of ['a', 'b', 'c', 'd', 'e']) expect(world.shown(key)).toEqual({ aws: key, azure: key, gcp: key })
    const passes = world.said.filter(({ line }) => line === ('pass' as string))
    expect(passes.length).toBeGreaterThan(1)
    expect(passes.at(-1)).toMatchObject({ rule: 'all', deep: false, ended: true })
    expect(passes.slice(0, -1).every((pass) => !(pass as unknown as { ended: boolean }).ended)).toBe(true)
  })

  it('asks for a deep one where it is told so', async () => {
    await atAws(world.work)({ deep: true })
    expect(world.queues.long.receive()!.message).toEqual({ kind: 'pass', rule: 'all', deep: true, cursor: null })
  })

  it('is of one cloud: that of the first site of a rule that lies in any', async () => {
    await atAzure(world.work, false)({} as never, {} as never)
    await atGcp(world.work, true)({} as never)
    expect(world.queues.long.size).toBe(0)
    const sites = {
      own: { ...document.sites.aws, bucket: 'cellar', endpoint: 'http://127.0.0.1:9000' },
      ...document.sites,
    }
    const replicate = [
      { id: 'out', from: 'own', to: ['gcp'] },
      { id: 'pair', among: ['azure', 'aws'] },
    ]
    const config = parseConfig(JSON.stringify({ sites, replicate }))
    const walked = (['aws', 'azure', 'gcp'] as const).map((cloud) =>
      passagesFrom(config, cloud, false).map(({ rule }) => rule),
    )
    expect(walked).toEqual([[], ['pair'], ['out']])
  })
})

it('a pass of a rule that is gone is poison, and names the rule', async () => {
  const gone: OwnMessage = { kind: 'pass', rule: ruleId('bygone'), deep: false, cursor: null }
  const { batchItemFailures } = await awsTransfer(world.work)(batch([JSON.stringify(gone)]), context)
  expect(batchItemFailures).toHaveLength(1)
  expect(world.refused).toEqual([expect.stringContaining('"bygone"')])
})

describe('what is too large for one write', () => {
  const large = 'x'.repeat(9 * 1024 * 1024)
  const settle: Message = { kind: 'settle', group: ruleId('all'), key: parseKey('large') }

  const moved: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['aws', () => awsTransfer(world.work)(batch([JSON.stringify(settle)]), context)],
    ['azure', () => azureTransfer(world.work)(settle, {} as never)],
    [
      'gcp',
      async () => {
        const data = Buffer.from(JSON.stringify(settle)).toString('base64')
        await gcpTransfer(world.work)(recorded('gcp-message-published', { data: { message: { data } } }) as never)
      },
    ],
  ]

  it.each(moved)('%s: moves in parts by the function that may take the time', async (_, move) => {
    world.put('gcp', 'large', large)
    await world.clock.pass(60_000)
    await move()
    expect(world.done.toSorted()).toEqual(['copied aws', 'copied azure'])
    expect(world.shown('large')).toEqual({ aws: large, azure: large, gcp: large })
  })
})
