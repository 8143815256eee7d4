import { siteId } from '#shared/kernel/ids.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Message, Outcome } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { Stage } from './stage.ts'
import { bytes, key, oneGroup, type TrioOptions } from './trio.ts'

const signal = new AbortController().signal

export const routeSites: Readonly<Record<'aws' | 'azure' | 'gcp' | 'vault', object>> = {
  ...oneGroup.sites,
  vault: { kind: 's3', bucket: 'b-vault', region: 'eu-west-1', control: 'c-vault' },
}

/** A route from Cloud Storage, to AWS and Azure where nothing else is said. */
export async function along(route: object = {}, options: TrioOptions = {}): Promise<Stage> {
  const one = { id: 'r', from: 'gcp', to: ['aws', 'azure'], ...route }
  const stage = new Stage({ sites: routeSites, replicate: [one] }, options)
  await stage.pass(20_000)
  stage.forget()
  return stage
}

/** A copy of what the source shows lies at the targets, and all is quiet. */
export async function copied(route: object = {}, options: TrioOptions = {}): Promise<Stage> {
  const stage = await along(route, options)
  stage.at(stage.config.routes[0]!.from).user.put(key('k'), bytes('one'))
  await deliver(stage)
  await stage.pass(20_000)
  stage.forget()
  return stage
}

/** Delivers the last event of the source; what its copies raise is nobody's news. */
export async function deliver(stage: Stage, core: Partial<Core> = {}, byUser?: boolean | null): Promise<Outcome> {
  const event = stage.events.splice(0).findLast(({ site }) => site === stage.config.routes[0]!.from)!
  const told = byUser === undefined ? event : { ...event, byUser }
  if (event.kind === 'deleted') await stage.pass(5_000) // A deletion waits until copies under way have landed.
  const outcome = await run({ kind: 'event', event: told }, { ...stage.core, ...core }, signal)
  stage.receipts.push(...outcome.receipts)
  stage.events.length = 0
  return outcome
}

export function messageTo(stage: Stage, ...targets: readonly string[]): Message {
  const route = stage.config.routes[0]!.id
  return { kind: 'mirror', route, key: key('k'), targets: targets.map(siteId), seen: false }
}
