import { afterEach, describe, expect, it } from 'vitest'
import { collect, put, refusal, textOf } from './question.ts'
import { account, embedded, type Embedding, type Running, worldAt } from './world.ts'

const dayMs = 24 * 60 * 60 * 1000

let running: Running
afterEach(() => running.close())

/** A world whose clock moves only when it is told to. The SDK dates its signatures by this machine's clock. */
async function standing(options: Embedding = {}) {
  let nowMs = Date.UTC(2030, 0, 2, 3, 4, 5, 678)
  running = await embedded({ ...options, now: () => nowMs, skewMaxMs: Infinity })
  const world = await worldAt(running.site)
  return {
    ...world,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

describe('the clock of the Azure face', () => {
  it('is the one it is given: in Date, Last-Modified and version ids', async () => {
    const { blob, raw } = await standing()
    const one = blob()
    const { versionId, lastModified, date } = await put(one, 'x')
    expect(versionId).toMatch(/^2030-01-02T03:04:05\.678/)
    expect(lastModified?.toISOString()).toBe('2030-01-02T03:04:05.000Z')
    expect(date?.toISOString()).toBe('2030-01-02T03:04:05.000Z')
    expect((await raw('GET', `/${one.name}`)).headers['last-modified']).toBe('Wed, 02 Jan 2030 03:04:05 GMT')
  })

  it('may stand still: version ids and ETags grow all the same', async () => {
    const { blob } = await standing()
    const one = blob()
    const made = []
    for (let i = 0; i < 50; i++) made.push(await put(one, 'same'))
    const ids = made.map(({ versionId }) => versionId!)
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(50)
    expect(new Set(made.map(({ etag }) => etag)).size).toBe(50)
  })

  it('may step back: later versions are still later', async () => {
    const { blob, pass } = await standing()
    const one = blob()
    const first = (await put(one, 'a')).versionId!
    pass(-60_000)
    expect((await put(one, 'b')).versionId! > first).toBe(true)
    expect(await textOf(one)).toBe('b')
  })

  it('ends a lease of fifteen seconds, after which anybody writes and the lease id is refused', async () => {
    const { blob, pass } = await standing()
    const one = blob()
    await put(one, 'a')
    const lease = one.getBlobLeaseClient()
    await lease.acquireLease(15)
    pass(14_999)
    expect(await refusal(() => put(one, 'b'))).toBe('412 LeaseIdMissing')
    pass(1)
    const conditions = { leaseId: lease.leaseId }
    expect(await refusal(() => put(one, 'b', { conditions }))).toBe('412 LeaseLost')
    expect((await one.getProperties()).leaseState).toBe('expired')
    await put(one, 'b')
    expect((await one.getProperties()).leaseState).toBe('available')
  })

  it('lets a breaking lease hold until its period has passed', async () => {
    const { blob, pass } = await standing()
    const one = blob()
    await put(one, 'a')
    const lease = one.getBlobLeaseClient()
    await lease.acquireLease(-1)
    expect((await lease.breakLease(20)).leaseTime).toBe(20)
    expect(await refusal(() => put(one, 'b'))).toBe('412 LeaseIdMissing')
    expect(await refusal(() => one.getBlobLeaseClient().acquireLease(15))).toBe(
      '409 LeaseIsBreakingAndCannotBeAcquired',
    )
    pass(20_000)
    await put(one, 'b')
  })

  it('ends what is soft-deleted when its days are over', async () => {
    const { blob, container, pass } = await standing({ accounts: [{ ...account, softDeleteDays: 2 }] })
    const one = blob()
    const { versionId } = await put(one, 'a')
    await put(one, 'b')
    await one.withVersion(versionId!).delete()
    const listed = async () => collect(container.listBlobsFlat({ includeVersions: true, includeDeleted: true }))
    pass(dayMs)
    expect((await listed())[0]?.properties.remainingRetentionDays).toBe(1)
    pass(dayMs)
    expect(await listed()).toHaveLength(1)
    await one.undelete()
    expect(await refusal(() => one.withVersion(versionId!).download())).toBe('404 BlobNotFound')
  })

  it('ends an immutability policy at its date', async () => {
    const { blob, pass } = await standing()
    const one = blob()
    const { versionId } = await put(one, 'a')
    await put(one, 'b')
    const old = one.withVersion(versionId!)
    const expiriesOn = new Date(Date.UTC(2030, 0, 2, 4))
    await old.setImmutabilityPolicy({ expiriesOn })
    expect(await refusal(() => old.delete())).toBe('409 BlobImmutableDueToPolicy')
    pass(60 * 60 * 1000)
    await old.delete()
  })

  it('refuses a signature more than fifteen minutes off, and takes one just within', async () => {
    const nowMs = Date.now()
    running = await embedded({ now: () => nowMs })
    const { raw } = await worldAt(running.site)
    const at = async (ms: number) => raw('GET', '', { query: 'restype=container', date: new Date(nowMs + ms) })
    expect((await at(-15 * 60_000 - 1000)).status).toBe(403)
    expect((await at(15 * 60_000 + 1000)).status).toBe(403)
    expect((await at(-14 * 60_000)).status).toBe(200)
    expect((await at(14 * 60_000)).status).toBe(200)
  })
})
