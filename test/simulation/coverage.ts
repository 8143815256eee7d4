import type { Act, Fault, WorldName } from './plan.ts'

/** Every kind that a plan can have, none forgotten: a kind that never comes up shows as 0. */
const none = {
  faults: {
    'lost-request': 0,
    'lost-answer': 0,
    'late-request': 0,
    race: 0,
    throttle: 0,
    'flip-read': 0,
    'flip-write': 0,
    'broken-read': 0,
    outage: 0,
    partition: 0,
    slow: 0,
    congested: 0,
    denied: 0,
    'event-lost': 0,
    'event-twice': 0,
    'event-late': 0,
    'message-twice': 0,
    kill: 0,
    poison: 0,
  } satisfies Record<Fault['kind'], 0>,
  acts: {
    write: 0,
    overwrite: 0,
    delete: 0,
    undelete: 0,
    restore: 0,
    copy: 0,
    tamper: 0,
    forge: 0,
    upload: 0,
    patch: 0,
    tag: 0,
    react: 0,
    found: 0,
  } satisfies Record<Act['kind'], 0>,
  worlds: {
    weather: 0,
    races: 0,
    skew: 0,
    late: 0,
    lives: 0,
    second: 0,
    copies: 0,
    large: 0,
    restores: 0,
    join: 0,
    retire: 0,
    rollout: 0,
    routes: 0,
    feeds: 0,
    hung: 0,
    bare: 0,
    tags: 0,
    calm: 0,
  } satisfies Record<WorldName, 0>,
}

/** What happened, as plain data. */
export interface Counts {
  readonly faults: Readonly<Record<Fault['kind'], number>>
  readonly acts: Readonly<Record<Act['kind'], number>>
  readonly worlds: Readonly<Record<WorldName, number>>
  readonly outOfTime: number
}

/** What happened, counted where it changed the course of a run. */
export class Coverage {
  readonly faults: Record<Fault['kind'], number> = { ...none.faults }
  readonly acts: Record<Act['kind'], number> = { ...none.acts }
  readonly worlds: Record<WorldName, number> = { ...none.worlds }
  /** Functions that were ended by their own time limit. */
  outOfTime = 0
  /** Each place of the core at which a function that died was waiting, as `room/file.ts:line:column`. */
  readonly crashes: Set<string> = new Set()

  fault(kind: Fault['kind']): void {
    this.faults[kind]++
  }

  act(kind: Act['kind']): void {
    this.acts[kind]++
  }

  world(name: WorldName): void {
    this.worlds[name]++
  }

  crash(places: readonly string[]): void {
    for (const place of places) this.crashes.add(place)
  }

  counts(): Counts {
    const { faults, acts, worlds, outOfTime } = this
    return { faults, acts, worlds, outOfTime }
  }

  add({ faults, acts, worlds, outOfTime }: Counts): void {
    addTo(this.faults, faults)
    addTo(this.acts, acts)
    addTo(this.worlds, worlds)
    this.outOfTime += outOfTime
  }
}

function addTo<K extends string>(sums: Record<K, number>, more: Readonly<Record<K, number>>): void {
  for (const name of Object.keys(sums) as K[]) sums[name] += more[name]
}
