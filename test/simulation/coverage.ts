/** What happened, counted where it changed the course of a run. */
export class Coverage {
  readonly counts: Map<string, number> = new Map()
  /** Deaths by the line of the core at which they struck. */
  readonly crashes: Map<string, number> = new Map()

  count(name: string, times = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + times)
  }

  crash(where: string): void {
    this.crashes.set(where, (this.crashes.get(where) ?? 0) + 1)
  }

  add(other: {
    readonly counts: Iterable<readonly [string, number]>
    readonly crashes: Iterable<readonly [string, number]>
  }): void {
    for (const [name, times] of other.counts) this.count(name, times)
    for (const [where, times] of other.crashes) this.crashes.set(where, (this.crashes.get(where) ?? 0) + times)
  }
}
