import { randomUUID } from 'node:crypto'
import type { Answer } from '#local/servers/http/answer.ts'
import { type Call, containerOf, httpDate, quoted, said } from './calls.ts'
import { checkWrite, conditionsOf } from './conditions.ts'
import { headerRefused, Refusal } from './errors.ts'
import * as lease from './lease.ts'
import { recordOf } from './record.ts'
import { annotate } from './succession.ts'

/** Lease Blob. No ETag or date changes. */
export function leaseBlob(call: Call): Answer {
  const action = call.header('x-ms-lease-action')?.toLowerCase() ?? ''
  const step = steps[action]
  if (step === undefined) throw headerRefused('x-ms-lease-action', action)
  return containerOf(call).transact((change) => {
    const entry = change.live(call.address.blob)
    if (entry === null) throw new Refusal('BlobNotFound')
    const record = recordOf(entry)
    checkWrite(conditionsOf(call.header), { etag: record.etag, modifiedMs: entry.dateMs }, false)
    const { next, status, headers = {} } = step(record.lease, call)
    annotate(change, entry, { lease: next })
    return said(status, { etag: quoted(record.etag), 'last-modified': httpDate(entry.dateMs), ...headers })
  })
}

interface Step {
  readonly next: lease.Lease | null
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

const steps: Readonly<Record<string, (held: lease.Lease | null, call: Call) => Step>> = {
  acquire(held, call) {
    const proposed = idIn(call, 'x-ms-proposed-lease-id') ?? randomUUID()
    const next = lease.acquired(held, proposed, lease.durationOf(call.header('x-ms-lease-duration')), call.nowMs)
    return { next, status: 201, headers: { 'x-ms-lease-id': next.id } }
  },
  renew(held, call) {
    const next = lease.renewed(held, requiredId(call, 'x-ms-lease-id'), call.nowMs)
    return { next, status: 200, headers: { 'x-ms-lease-id': next.id } }
  },
  change(held, call) {
    const [id, proposed] = [requiredId(call, 'x-ms-lease-id'), requiredId(call, 'x-ms-proposed-lease-id')]
    const next = lease.changed(held, id, proposed, call.nowMs)
    return { next, status: 200, headers: { 'x-ms-lease-id': next.id } }
  },
  release(held, call) {
    return { next: lease.released(held, requiredId(call, 'x-ms-lease-id')), status: 200 }
  },
  break(held, call) {
    const next = lease.broken(held, lease.breakPeriodOf(call.header('x-ms-lease-break-period')), call.nowMs)
    const leftS = Math.max(0, Math.ceil(((next.brokenAtMs ?? 0) - call.nowMs) / 1000))
    return { next, status: 202, headers: { 'x-ms-lease-time': String(leftS) } }
  },
}

function idIn({ header }: Call, name: string): string | null {
  const id = header(name)
  if (id === undefined) return null
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw headerRefused(name, id)
  return id.toLowerCase()
}

function requiredId(call: Call, name: string): string {
  const id = idIn(call, name)
  if (id === null) throw new Refusal('MissingRequiredHeader', { HeaderName: name })
  return id
}
