import { compareDigests, digestText } from '#shared/kernel/digest.ts'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { ObjectStore, Part, TransferId } from '#shared/ports/object-store.ts'
import type { Core } from './core.ts'
import { type Landed, landing, type Source } from './move.ts'
import { type PartPlan, planParts, refuseTooLarge } from './plan.ts'
import { compareWithTarget, type Lane, seal } from './seal.ts'
import { SharedRead } from './shared-read.ts'

/** Moves a large object in parts. The target's own list of parts is the ledger: whoever comes after a death goes on from there. */
export async function transfer(
  core: Core,
  source: Source,
  lanes: readonly Lane[],
  signal: AbortSignal,
): Promise<readonly Landed[]> {
  const { meta } = source
  const plan = planParts(
    meta.size,
    core.limits.partBytes,
    lanes.map(({ store }) => store.traits),
  )
  const shared = new SharedRead(core, source, plan, lanes, signal)
  const tags = meta.tagCount > 0 ? await source.store.tags(meta.key, meta.version, signal) : {}
  return Promise.all(
    lanes.map((lane) =>
      landing(core, lane, async () => {
        try {
          return await carry({ core, source, lane, plan, shared, tags, signal, id: transferId(core, source) })
        } finally {
          shared.leave(lane)
        }
      }),
    ),
  )
}

interface Carriage {
  readonly core: Core
  readonly source: Source
  readonly lane: Lane
  readonly plan: PartPlan
  readonly shared: SharedRead
  readonly tags: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly id: TransferId
}

/** The same for every function that moves this version, and for no other version. */
function transferId(core: Core, { store, meta }: Source): TransferId {
  return digestText(core.hashing, JSON.stringify([store.site, meta.id, meta.dateMs, meta.size]))
}

async function carry(carriage: Carriage): Promise<Landed> {
  const { core, source, lane, shared, tags, signal, id } = carriage
  refuseTooLarge(lane.store.site, source.meta.size, lane.store.traits)
  try {
    const parts = await sendParts(carriage)
    const digests = shared.whole()
    await lookAgain(carriage)
    const sealed = await seal(core, lane, { properties: source.meta, digests, tags }, signal)
    const stored = await lane.store.commit(lane.key, id, parts, sealed, lane.condition, signal)
    const checksum = Object.keys(source.meta.digests).length > 0 ? 'verified' : 'unverified'
    return { lane, meta: compareWithTarget(lane, digests, stored), parts: parts.length, checksum }
  } catch (thrown) {
    // Parts that stay because they cannot be removed now are never trusted unread, and age away; the first failure is the one to tell.
    if (isOfNoUse(asFailure(thrown), source)) await lane.store.discard(lane.key, id, signal).catch(asFailure)
    throw thrown
  }
}

/** The source is gone, has changed, or was not read as it is: nothing of it may lie about for the next one to trust. */
function isOfNoUse({ kind, site }: Failure, { store }: Source): boolean {
  return site === store.site && (kind === 'absent' || kind === 'conflict' || kind === 'corrupt')
}

/** Sends what the ledger lacks. A part that is there counts only with the size and the bytes of ours: another plan may have cut it elsewhere. */
async function sendParts({ lane, plan, shared, signal, id }: Carriage): Promise<readonly Part[]> {
  const ledger = new Map((await lane.store.parts(lane.key, id, signal)).map((part) => [part.number, part]))
  const parts: Part[] = []
  for (let number = 1; number <= plan.count; number++) {
    const { body, digests } = await shared.part(lane, number)
    const there = ledger.get(number)
    const same = there !== undefined && there.size === body.size && compareDigests(there.digests, digests) === 'same'
    const algorithm = lane.store.traits.digest
    parts.push(
      same ? there : await lane.store.putPart(lane.key, id, number, body, { [algorithm]: digests[algorithm]! }, signal),
    )
  }
  return parts
}

/** The condition is taken when the transfer commits, not when it began: minutes lie between. A version that is lifted is not on top anyway. */
async function lookAgain({ source, lane, signal }: Carriage): Promise<void> {
  const lifted = lane.mark === null
  const [here, there] = await Promise.all([
    lifted ? source.meta : source.store.head(source.meta.key, signal),
    lane.store.head(lane.key, signal),
  ])
  if (here?.version !== source.meta.version) throw changed(source.store)
  const holds = lane.condition.if === 'absent' ? there === null : there?.version === lane.condition.since
  if (!holds) throw changed(lane.store)
}

function changed({ site }: ObjectStore): Failure {
  return new Failure('conflict', `${site}: the object changed while its parts were sent`, { site })
}
