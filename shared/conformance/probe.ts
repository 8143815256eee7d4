import type { Clock, Random } from '#shared/kernel/clock.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
import { asFailure, Failure, type FailureKind } from '#shared/kernel/failure.ts'
import { type Key, ownPrefix, parseKey } from '#shared/kernel/key.ts'
import type { Version } from '#shared/kernel/version.ts'
import type { Condition, ObjectMeta, ObjectStore, Write } from '#shared/ports/object-store.ts'
import { textOf, writeOf } from '#shared/ports/text.ts'

export interface Tools {
  readonly hashing: Hashing
  readonly clock: Clock
  readonly random: Random
}

/** One promise that a store must keep, and whether it did. */
export interface Finding {
  readonly promise: string
  readonly held: boolean
  /** What it did instead. */
  readonly found: string
}

/** Rises with every question that is added: what an older probe found says nothing about it. */
export const probeVersion = 1

/**
 * Asks a store to break its word. A store that takes a condition and does not enforce it loses data silently, and no error ever says so: it is
 * found out here, by its answers, before anything is replicated to it. Leaves one deleted object below `.isobar/`, also where an outage stops it.
 */
export async function probe(store: ObjectStore, tools: Tools, signal: AbortSignal): Promise<readonly Finding[]> {
  const desk = new Desk(store, tools, signal)
  try {
    return await asked(desk, store, signal)
  } catch (thrown) {
    await desk.leave()
    throw thrown
  }
}

async function asked(desk: Desk, store: ObjectStore, signal: AbortSignal): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const ask = (promise: string, found: string | null) =>
    findings.push({ promise, held: found === null, found: found ?? '' })

  const first = await desk.put('one', { if: 'absent' })
  ask('create-only: a write to where something is, is refused', await desk.refused(desk.put('two', { if: 'absent' })))
  const shown = (await store.head(desk.key, signal)) ?? first
  const second = await desk.put('two!', { if: 'unchanged', since: shown.version })
  ask(
    'unchanged-since: a write over another version than the one named is refused',
    await desk.refused(desk.put('three', { if: 'unchanged', since: first.version })),
  )
  ask(
    'conditional commit: parts put together over what their condition excludes are refused',
    await desk.refusesCommit(first.version),
  )
  ask('checksums: bytes that are not those of their checksum are refused', await desk.refusesDamage())
  ask(
    'conditional delete: a deletion of another version than the one named is refused',
    await desk.refused(desk.remove(first.version)),
  )
  ask('what was refused changed nothing', await desk.shows(second))
  if (store.traits.history !== 'none') ask('versions: what is overwritten is kept', await desk.keeps(first.version))
  const left = await store.head(desk.key, signal)
  if (left !== null) await desk.remove(left.version)
  ask('a deletion takes the object from view', (await store.head(desk.key, signal)) === null ? null : 'still shown')
  if (store.traits.history !== 'none') ask('versions: what is deleted is kept', await desk.keeps(second.version))
  return findings
}

/**
 * Refuses a store that breaks a promise, all of them named. It is `denied` for the whole site, so that what is meant for it waits behind its
 * breaker until somebody has mended the store: docs/decisions/020-a-store-proves-itself-first.md.
 */
export function refusalFor({ site }: ObjectStore, findings: readonly Finding[]): Failure | null {
  const broken = findings.filter(({ held }) => !held)
  if (broken.length === 0) return null
  const words = broken.map(({ promise, found }) => `${promise} (${found})`).join('; ')
  return new Failure(
    'denied',
    `${site}: this store does not keep its promises, and Isobar would lose data on it: ${words}. ${remedyFor(broken)}`,
    { site, scope: 'site' },
  )
}

/** What a person can do about the promises that were broken. */
export function remedyFor(broken: readonly Finding[]): string {
  return broken.every(({ promise }) => promise.startsWith('versions:'))
    ? 'Turn on versioning; or, where no group names the site, say "versioned": false'
    : 'Use a store that enforces conditions and checksums, with nothing before it that drops their headers'
}

const transfer = 'conformance'
const pauseMs = 1_100
const attemptsMax = 5
const passing: ReadonlySet<FailureKind> = new Set(['unreachable', 'throttled', 'unknown'])

/** A key that nobody else writes. */
export function keyOfProbe(random: Random): Key {
  return parseKey(`${ownPrefix}conformance/${Math.floor(random.next() * 2 ** 48).toString(36)}`)
}

class Desk {
  readonly key: Key
  readonly #store: ObjectStore
  readonly #tools: Tools
  readonly #signal: AbortSignal

  constructor(store: ObjectStore, tools: Tools, signal: AbortSignal) {
    this.key = keyOfProbe(tools.random)
    this.#store = store
    this.#tools = tools
    this.#signal = signal
  }

  put(text: string, condition: Condition, told: string = text): Promise<ObjectMeta> {
    const write = { ...this.#write(text), digests: this.#write(told).digests }
    return this.#patiently(() => this.#store.put(this.key, write, condition, this.#signal))
  }

  /** Over the object that shows, first as a creation and then over another version than that: some stores commit by a copy that knows neither. */
  async refusesCommit(another: Version): Promise<string | null> {
    const { body, ...whole } = this.#write('in parts')
    const part = await this.#patiently(() =>
      this.#store.putPart(this.key, transfer, 1, body, whole.digests, this.#signal),
    )
    const commit = (condition: Condition) =>
      this.refused(
        this.#patiently(() => this.#store.commit(this.key, transfer, [part], whole, condition, this.#signal)),
      )
    const found = (await commit({ if: 'absent' })) ?? (await commit({ if: 'unchanged', since: another }))
    await this.#store.discard(this.key, transfer, this.#signal)
    return found
  }

  async refusesDamage(): Promise<string | null> {
    const shown = await this.#store.head(this.key, this.#signal)
    const met: Condition = shown === null ? { if: 'absent' } : { if: 'unchanged', since: shown.version }
    return this.refused(this.put('sent', met, 'told'), 'corrupt')
  }

  remove(since: Version): Promise<void> {
    return this.#patiently(() => this.#store.remove(this.key, since, this.#signal))
  }

  /** Takes away what is there, if it can, also where nobody waits for an answer any more: what stopped the probe is what is told. */
  async leave(): Promise<void> {
    const { signal } = new AbortController()
    try {
      await this.#store.discard(this.key, transfer, signal)
      const left = await this.#store.head(this.key, signal)
      if (left !== null) await this.#patiently(() => this.#store.remove(this.key, left.version, signal), signal)
    } catch (thrown) {
      asFailure(thrown)
    }
  }

  /** `null` where it was refused, and for that reason. */
  async refused(act: Promise<unknown>, reason: FailureKind = 'conflict'): Promise<string | null> {
    const kind = await act.then(
      () => null,
      (thrown: unknown): FailureKind => asFailure(thrown).kind,
    )
    if (kind === null) return 'it was done'
    if (passing.has(kind)) await act // An outage says nothing about what the store enforces: it is thrown as it is.
    return kind === reason ? null : `it failed as ${kind}`
  }

  async shows(expected: ObjectMeta): Promise<string | null> {
    const shown = await this.#store.head(this.key, this.#signal)
    return shown?.version === expected.version ? null : 'another version is shown'
  }

  async keeps(version: Version): Promise<string | null> {
    const page = await this.#store.versions(this.key, null, this.#signal)
    const kept = page.versions.find((one) => one.version === version)
    if (kept === undefined) return 'it is not in the history'
    const found = await this.#store.get(this.key, this.#signal, { version })
    if (found === null) return 'it is in the history and cannot be read'
    const text = await textOf(found.body)
    return text.length === found.meta.size ? null : 'it is not whole'
  }

  #write(text: string): Write {
    return writeOf(text, this.#store, this.#tools.hashing)
  }

  /** One write per second and name is a limit, not an answer. */
  async #patiently<T>(act: () => Promise<T>, signal: AbortSignal = this.#signal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act()
      } catch (thrown) {
        if (asFailure(thrown).kind !== 'throttled' || attempt === attemptsMax) throw thrown
        await this.#tools.clock.sleep(pauseMs, signal)
      }
    }
  }
}
