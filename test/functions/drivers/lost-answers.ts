import { expect, it } from 'vitest'
import type { FailureKind, FailureScope } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { ObjectStore, Write } from '#shared/ports/object-store.ts'
import { absent, failed, never } from '#test/contract/subject.ts'
import type { Script, Scripted } from './scripted.ts'

type Acts = Readonly<Record<string, () => Promise<unknown>>>

/** What a driver is asked for, to see how it fails. */
export interface Verbs {
  readonly reads: Acts
  readonly writes: Acts
}

/** A driver before a scripted server. */
export interface Subject {
  readonly server: () => Scripted
  readonly store: () => ObjectStore
  readonly key: Key
  readonly pinned: Version
  readonly write: (content: string) => Write
}

export function verbsOf({ store, key, pinned, write }: Subject): Verbs {
  const query = { prefix: '', after: '', cursor: null, max: 10 }
  return {
    reads: {
      head: () => store().head(key, never),
      get: () => store().get(key, never),
      tags: () => store().tags(key, pinned, never),
      list: () => store().list(query, never),
      versions: () => store().versions(key, null, never),
      listVersions: () => store().listVersions(query, never),
      parts: () => store().parts(key, 't', never),
    },
    writes: {
      put: () => store().put(key, write('x'), absent, never),
      remove: () => store().remove(key, pinned, never),
      putPart: () => store().putPart(key, 't', 1, write('x').body, write('x').digests, never),
    },
  }
}

const always: readonly (readonly [string, Script])[] = [
  ['502 of a proxy', (_request, answer) => void answer.writeHead(502, { 'content-type': 'text/html' }).end('<html>')],
  ['a connection that breaks', (_request, _answer, socket) => void socket.resetAndDestroy()],
  ['a connection that closes', (_request, _answer, socket) => void socket.destroy()],
  ['half of a head', (_request, _answer, socket) => void socket.end('HTTP/1.1 201 Cre')],
  ['an answer that is no HTTP', (_request, _answer, socket) => void socket.end('nonsense\r\n\r\n')],
]

/** Whoever sent a write and heard nothing of it knows nothing; whoever did not send it knows that it was not done. */
export function lostAnswerLaws(
  subject: Subject,
  outcome: (act: () => Promise<unknown>) => Promise<readonly [FailureKind, FailureScope]>,
  more: readonly (readonly [string, Script])[],
): void {
  const { reads, writes } = verbsOf(subject)
  const { key, pinned, write } = subject

  it.each([...always, ...more])('leave a write unknown and a read unanswered: %s', async (_what, script) => {
    subject.server().script = script
    for (const act of Object.values(writes)) expect(await outcome(act)).toEqual(['unknown', 'key'])
    for (const act of Object.values(reads)) expect(await outcome(act)).toEqual(['unreachable', 'site'])
  })

  it('leave a write unknown that its caller gave up while it was under way', async () => {
    subject.server().script = () => undefined
    const soon = () => AbortSignal.timeout(50)
    for (const act of [
      subject.store().put(key, write('x'), absent, soon()),
      subject.store().remove(key, pinned, soon()),
    ])
      expect(await failed(act)).toMatchObject({ kind: 'unknown', scope: 'key', site: subject.store().site })
    expect(await failed(subject.store().head(key, soon()))).toMatchObject({ kind: 'unreachable', scope: 'key' })
  })

  it('never were, where the caller had gone before', async () => {
    const gone = AbortSignal.abort()
    for (const act of [
      subject.store().put(key, write('x'), absent, gone),
      subject.store().remove(key, pinned, gone),
      subject.store().head(key, gone),
    ])
      expect(await failed(act)).toMatchObject({ kind: 'unreachable', scope: 'key' })
    expect(subject.server().requests).toEqual([])
  })
}
