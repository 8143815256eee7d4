import type { Cloud } from '#shared/config/place.ts'
import type { Core } from '#shared/replication/core.ts'
import type { Message } from '#shared/replication/model.ts'
import { run } from '#shared/replication/run.ts'
import { collapsed } from './collapse.ts'
import type { Journal } from './journal.ts'
import type { Notice } from './notice.ts'
import { type Passage, passagesFrom, restOf, runPassage } from './pass.ts'
import type { Queues } from './queues.ts'

/** What every trigger of every cloud is given. */
export interface Work {
  readonly core: Core
  readonly queues: Queues
  readonly journal: Journal
}

/** Whether a delivery may be acknowledged: then whatever must come back lies in a queue. */
export type End = { readonly done: true } | { readonly done: false; readonly why: unknown }

/** What is unfinished this long before the cloud ends the function still finds its way into a queue. */
const lastMs = 10_000

/** All three clouds end the function after 60 s; one that tells how long it has yet may end it sooner. */
export function deadline({ core }: Work, leftMs: number = Infinity): AbortSignal {
  return AbortSignal.timeout(Math.max(0, Math.min(core.limits.invocationMs, leftMs - lastMs)))
}

/** The same for a function that has the time for objects in parts. */
export function withTransfers(work: Work): Work {
  return { ...work, core: { ...work.core, transfers: true } }
}

/** A timer's work: a pass over each rule that is walked from here begins in the queue. */
export async function setGoing({ core, queues }: Work, cloud: Cloud, deep: boolean): Promise<void> {
  await Promise.all(passagesFrom(core.config, cloud, deep).map((passage) => queues.long.send(passage, 0)))
}

/** One delivery, to its end. Where it throws, the delivery itself comes back, or is poison and ends among the dead letters. */
export async function handle(read: () => readonly Notice[], work: Work, signal: AbortSignal): Promise<void> {
  const [end] = await handleAll([read], work, signal)
  if (end?.done === false) throw end.why
}

/** Deliveries that came together, each to its own end: what one of them brings back, or poisons, delays no other. */
export async function handleAll(
  reads: readonly (() => readonly Notice[])[],
  work: Work,
  signal: AbortSignal,
): Promise<readonly End[]> {
  const notices = reads.map((read) => readOf(read))
  const ends = new Map<Notice, End>()
  await Promise.all(
    collapsed(notices.flat()).map(async ({ notice, of }) => {
      const end = await ending(notice, work, signal)
      for (const one of of) ends.set(one, end)
    }),
  )
  return notices.map((held) => held.map((one) => ends.get(one)!).find(({ done }) => !done) ?? { done: true })
}

function readOf(read: () => readonly Notice[]): readonly Notice[] {
  try {
    return read()
  } catch (refused) {
    return [{ refused }]
  }
}

async function ending(notice: Notice, work: Work, signal: AbortSignal): Promise<End> {
  try {
    if ('refused' in notice) throw notice.refused
    if ('passedOver' in notice) work.journal.passedOver(notice.passedOver)
    else if (notice.message.kind === 'pass') await walk(notice.message, work, signal)
    else await replicate(notice.message, work, signal)
    return { done: true }
  } catch (why) {
    work.journal.thrown(why)
    return { done: false, why }
  }
}

async function replicate(message: Message, { core, queues, journal }: Work, signal: AbortSignal): Promise<void> {
  const { receipts, again } = await run(message, core, signal)
  // First of all: what was done was done, even if the queue cannot be reached now and all of it is done again.
  for (const receipt of receipts) journal.receipt(receipt)
  await Promise.all(again.map(({ message, delayMs, queue }) => queues[queue].send(message, delayMs)))
}

/** One invocation's share of a pass. */
async function walk(passage: Passage, { core, queues, journal }: Work, signal: AbortSignal): Promise<void> {
  const pass = await runPassage(passage, core, signal)
  for (const receipt of pass.receipts) journal.receipt(receipt)
  const rest = restOf(passage, pass)
  journal.walked(passage, pass)
  await Promise.all(pass.again.map(({ message, delayMs, queue }) => queues[queue].send(message, delayMs)))
  if (rest !== null) await queues.long.send(rest, pass.delayMs)
}
