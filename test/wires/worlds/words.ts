/** What the thread that lives a world and the thread that holds its clouds say to each other. */
import type { FailureKind, FailureScope } from '#shared/kernel/failure.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Change } from '#shared/memory/change.ts'
import type { Dumped } from '#shared/memory/dump.ts'
import type {
  Condition,
  ListPage,
  ListQuery,
  ObjectMeta,
  Part,
  Range,
  Traits,
  TransferId,
  VersionPage,
  Write,
} from '#shared/ports/object-store.ts'
import type { SitePlan } from '#test/simulation/plan.ts'

/** A write whose body lies in memory. */
export interface Sent extends Omit<Write, 'body'> {
  readonly bytes: Uint8Array
}

/** The port's verbs, bodies whole. */
export interface StoreVerbs {
  head(key: Key, version: Version | null): ObjectMeta | null
  read(key: Key, version: Version | null, range: Range | null): { meta: ObjectMeta; bytes: Uint8Array } | null
  tags(key: Key, version: Version): Readonly<Record<string, string>>
  put(key: Key, sent: Sent, condition: Condition): ObjectMeta
  remove(key: Key, since: Version): void
  versions(key: Key, cursor: string | null): VersionPage
  list(query: ListQuery): ListPage
  listVersions(query: ListQuery): VersionPage
  parts(key: Key, transfer: TransferId): readonly Part[]
  putPart(key: Key, transfer: TransferId, number: number, sent: Pick<Sent, 'bytes' | 'digests'>): Part
  commit(
    key: Key,
    transfer: TransferId,
    parts: readonly Part[],
    write: Omit<Write, 'body'>,
    condition: Condition,
  ): ObjectMeta
  discard(key: Key, transfer: TransferId): void
}

/** What a user says beside the bytes. */
export interface UserSaid {
  readonly contentType: string
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}

/** What a user does with a cloud's own client, without a condition. False: there was nothing to do it to. */
export interface UserVerbs {
  put(key: Key, bytes: Uint8Array, said: UserSaid): void
  delete(key: Key): void
  undelete(key: Key): boolean
  restore(key: Key, version: Version): boolean
  copy(from: Key, to: Key): boolean
  /** Answers with the upload's name. Where uploads are dated by their end, nobody has anything to say with one. */
  begin(key: Key, said: UserSaid): string
  complete(key: Key, upload: string, parts: readonly Uint8Array[]): void
  patch(key: Key, metadata: Readonly<Record<string, string>>): boolean
  setTags(key: Key, tags: Readonly<Record<string, string>>): boolean
}

export interface WorldVerbs {
  /** The clouds of these sites, empty. */
  open(sites: readonly SitePlan[]): Readonly<Record<string, Traits>>
  close(): void
}

export type Far<Verbs> = {
  readonly [V in keyof Verbs]: Verbs[V] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never
}

/** Who asks what of whom, and what time it is. */
export interface Asked {
  readonly of: { readonly site: string; readonly who: Who } | 'world'
  readonly verb: string
  readonly args: readonly unknown[]
  /** Of the world; each site's clock follows from it. */
  readonly timeMs: number
}

export type Who =
  | 'user'
  | {
      readonly process: number
      readonly bucket: 'own' | 'control'
      /** By the caller's clock. */
      readonly nowMs: number
      readonly monotonicMs: number
      /** It is dead: of what its driver would send, only so much still goes out. Any number; `null`: it lives. */
      readonly dies: number | null
    }

/** What a request changed in a site's own bucket, in order, and all that its key held then, oldest first. */
export interface Happened extends Pick<Change, 'kind' | 'key' | 'id' | 'dateMs' | 'current' | 'deleteMarker'> {
  readonly sequence: number
  readonly held: readonly Dumped[]
}

export interface Told {
  readonly answer:
    | { readonly value: unknown }
    | { readonly failure: { kind: FailureKind; scope: FailureScope; message: string } }
    /** A defect of whatever stands between: no store behind the port may throw it. */
    | { readonly defect: string }
  readonly happened: readonly Happened[]
}
