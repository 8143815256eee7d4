import { Failure } from '#shared/kernel/failure.ts'
import type { Pass } from '#shared/reconcile/model.ts'
import type { Receipt } from '#shared/replication/model.ts'
import type { Notice } from './notice.ts'
import type { Passage } from './pass.ts'

/** One line of JSON for each thing worth knowing. Everything that Isobar reports of itself is counted from these lines. */
export interface Journal {
  receipt(receipt: Receipt): void
  passedOver(notice: Extract<Notice, { passedOver: unknown }>['passedOver']): void
  /** One invocation's share of a pass. */
  walked(passage: Passage, pass: Pass): void
  /** `refused`: poison. `failed`: it comes back. */
  thrown(thrown: unknown): void
}

export function journal(write: (line: string) => void): Journal {
  const line = (what: string, fields: object) => write(escaped(JSON.stringify({ line: what, ...fields })))
  return {
    receipt: (receipt) => line('receipt', receipt),
    passedOver: (notice) => line('passed-over', notice),
    walked: ({ rule, deep }, { keys, troubles, next }) =>
      line('pass', { rule, deep, keys, troubles, ended: next === null }),
    thrown(thrown) {
      if (!(thrown instanceof Failure)) return line('failed', { kind: 'defect', why: stackOf(thrown) })
      const { kind, site, message: why } = thrown
      line(thrown.patience === 'never' ? 'refused' : 'failed', { kind, site, why })
    },
  }
}

/** A key may hold what breaks a line, moves a cursor or turns the reading direction. Written out it is still the same JSON. */
function escaped(json: string): string {
  return json.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) =>
    [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  )
}

/** A defect is ours to mend: its stack tells where. */
function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}
