import type { Config } from '#shared/config/model.ts'
import { rulesAt } from '#shared/config/rules-at.ts'
import { ruleId, type SiteId, siteId } from '#shared/kernel/ids.ts'
import type { Key } from '#shared/kernel/key.ts'
import type { Change as BucketChange } from '#shared/memory/change.ts'
import type { Message } from '#shared/replication/model.ts'
import { Cloud } from './cloud.ts'
import { Coverage } from './coverage.ts'
import { type Ground, memoryGround } from './ground.ts'
import type { History, PassFacts } from './history.ts'
import { passOver } from './passes.ts'
import type { Plan, Poison } from './plan.ts'
import { Process, type Runtime } from './process.ts'
import { mixText } from './random.ts'
import { Recorder } from './recorder.ts'
import type { Surroundings } from './surroundings.ts'
import { Timeline } from './timeline.ts'
import { Users } from './users.ts'
import { Weather } from './weather.ts'
import { configAt, configChanges, isRetired } from './world-config.ts'
import { Site } from './world-site.ts'

/** Longer than this no world takes to come to rest once everything works again. */
const restMs = 3_600_000
/** Many times what any world needs: what asks for more is a storm. */
const invocationsMax = 2_500

/** Sites, clouds, users and weather as a plan says, from its first moment until everything is at rest. */
export class World implements Surroundings {
  readonly plan: Plan
  readonly ground: Ground
  readonly timeline: Timeline = new Timeline()
  readonly coverage: Coverage = new Coverage()
  readonly recorder: Recorder
  readonly weather: Weather
  readonly sites: ReadonlyMap<SiteId, Site>
  readonly clouds: ReadonlyMap<SiteId, Cloud>
  /** Messages in queues, and invocations under way: at rest there is neither. */
  outstanding = 0
  running = 0
  readonly #users: Users
  readonly #configs: readonly { readonly fromMs: number; readonly config: Config }[]
  #processes = 0
  #quietAtMs: number | null = null
  #healedAtMs = 0

  constructor(plan: Plan, ground: Ground = memoryGround) {
    this.plan = plan
    this.ground = ground
    this.recorder = new Recorder(this.timeline)
    this.weather = new Weather(plan, this.coverage)
    this.#configs = [0, ...configChanges(plan)].map((fromMs) => ({ fromMs, config: configAt(plan, fromMs) }))
    const sites = plan.sites.map((site) => new Site(site, this.timeline, ground))
    this.sites = new Map(sites.map((site) => [site.id, site]))
    this.clouds = new Map(sites.map(({ id }) => [id, new Cloud(this, id)]))
    for (const site of sites) site.bucket.onChange((change) => this.#changed(site, change))
    this.#users = new Users(this)
    for (const fault of plan.faults)
      if (fault.kind === 'poison') this.timeline.at(fault.atMs, () => this.#poison(fault))
    for (const timer of plan.timers) {
      this.timeline.at(timer.atMs, () =>
        passOver(this, this.clouds.get(siteId(timer.site))!, ruleId(timer.rule), timer.deep, () => undefined),
      )
    }
  }

  get config(): Config {
    return this.#configs.findLast(({ fromMs }) => fromMs <= this.timeline.nowMs)!.config
  }

  isOutdated(process: Process): boolean {
    const { rollout } = this.plan
    const { nowMs } = this.timeline
    if (nowMs - process.bornAtMs > 60_000) return true
    return rollout !== null && nowMs >= rollout.untilMs && process.bornAtMs < rollout.untilMs
  }

  newProcess(cloud: SiteId, runtime: Runtime): Process {
    const { rollout } = this.plan
    const { nowMs } = this.timeline
    // During a rollout some of the machines that start take the new version already, some the old one still.
    const isNew = rollout !== null && nowMs >= rollout.atMs && (nowMs >= rollout.untilMs || this.#processes % 2 === 0)
    const number = this.#processes++
    return new Process(this, cloud, runtime, this.config, {
      number,
      newCode: isNew && rollout?.what === 'mark',
      newParts: isNew && rollout?.what === 'parts',
      wary: mixText('wary', this.plan.seed ^ number) % 5 === 0,
    })
  }

  /** Lives through the plan and hands over what happened. */
  run(): History {
    const { plan, timeline } = this
    timeline.run(lastMomentOf(plan), () => this.#storms)
    this.weather.heal()
    this.#healedAtMs = timeline.nowMs
    if (this.#rest() && !plan.eventsOnly) {
      for (const name of ['reconcile', 'deep', 'again', 'again-deep'] as const) {
        if (name === 'again') this.weather.immortal = true
        if (!this.#pass(name)) break
      }
    }
    return this.#history()
  }

  get #storms(): boolean {
    return this.recorder.invocations.length > invocationsMax
  }

  /** Until nothing is queued or under way and all that was sent has landed. False where that takes too long. */
  #rest(): boolean {
    const { timeline, plan } = this
    const untilMs = timeline.nowMs + restMs
    for (let i = 0; i < 10; i++) {
      timeline.run(untilMs, () => this.outstanding + this.running === 0 || this.#storms)
      const quietAtMs = timeline.nowMs
      if (this.outstanding + this.running > 0) return false
      timeline.run(quietAtMs + plan.landMs + 1, () => this.#storms)
      this.#quietAtMs = quietAtMs
      if (this.outstanding + this.running === 0) return true
    }
    this.#quietAtMs = null
    return false
  }

  /** Every rule once, by the functions of one of its sites. */
  #pass(name: PassFacts['name']): boolean {
    const { plan, recorder, clouds, timeline } = this
    for (const rule of plan.rules) {
      const changesBefore = recorder.changes.length
      const sites = (rule.kind === 'group' ? rule.among : [rule.from]).filter(
        (id) =>
          !isRetired(
            plan.sites.find((site) => site.id === id)!,
            timeline.nowMs,
          ),
      )
      const by = sites[mixText(name + rule.id, plan.seed) % sites.length]!
      let whole = false
      passOver(this, clouds.get(siteId(by))!, ruleId(rule.id), name.endsWith('deep'), (ended) => (whole = ended))
      if (!this.#rest()) return false
      recorder.passes.push({
        name,
        whole,
        rule: rule.id,
        restedAtMs: timeline.nowMs,
        changesFrom: changesBefore,
        changesTo: recorder.changes.length,
      })
    }
    return true
  }

  #changed(site: Site, change: BucketChange): void {
    const { timeline, weather, coverage, recorder } = this
    recorder.changed(site, change)
    if (change.by !== null && change.kind === 'put' && change.current) this.#users.saw(recorder.versions.at(-1)!)
    const event = site.eventOf(change, this.config)
    if (event === null || rulesAt(this.config, site.id, change.key).length === 0) return
    const { nowMs } = timeline
    const message: Message = { kind: 'event', event }
    const cloud = this.clouds.get(site.id)!
    const delayMs = 60 + 900 * weather.chance(change.atMs & 1023, nowMs) ** 3
    if (!this.plan.eventsOnly && weather.eventFault(site.id, 'event-lost', nowMs) !== null) {
      coverage.fault('event-lost')
      return
    }
    const late = weather.eventFault(site.id, 'event-late', nowMs)
    if (late !== null) coverage.fault('event-late')
    cloud.send(message, delayMs + (late?.ms ?? 0), 'short')
    const twice = weather.eventFault(site.id, 'event-twice', nowMs)
    if (twice === null) return
    coverage.fault('event-twice')
    cloud.send(message, delayMs + twice.ms, 'short')
  }

  #poison({ what, site }: Poison): void {
    const key = 'poison' as Key
    const messages: Readonly<Record<Poison['what'], Message>> = {
      rule: { kind: 'settle', group: ruleId('no-such-rule'), key },
      route: { kind: 'mirror', route: ruleId('no-such-route'), key, targets: [], seen: false },
    }
    this.coverage.fault('poison')
    this.clouds.get(siteId(site))!.send(messages[what], 0, 'short', what)
  }

  #history(): History {
    const { plan, recorder } = this
    return {
      sites: plan.sites.map((site) => {
        const { traits } = this.sites.get(siteId(site.id))!.bucket.profile
        return {
          id: site.id,
          keeps: traits.history,
          equalBytesEqualEtag: site.cloud === 's3',
          datesByBeginning: traits.datesByBeginning,
          joinedMs: this.#configs.at(-1)!.config.sites.get(siteId(site.id))?.joinedMs ?? null,
          joinedAtMs: site.joinedAtMs,
          retiredAtMs: site.retiresAtMs,
        }
      }),
      rules: plan.rules,
      deeds: recorder.deeds,
      versions: recorder.versions,
      changes: recorder.changes,
      receipts: recorder.receipts,
      invocations: recorder.invocations,
      letters: recorder.letters,
      passes: recorder.passes,
      ill: illOf(plan),
      rest: {
        healedAtMs: this.#healedAtMs,
        quietAtMs: this.#quietAtMs,
        requests: recorder.requests,
        eventsOnly: plan.eventsOnly,
        poisonSent: plan.faults.filter(({ kind }) => kind === 'poison').length,
        landMs: plan.landMs,
      },
    }
  }
}

/** When the last act was done, the last fault is over and the last version rolled out. */
function lastMomentOf(plan: Plan): number {
  const ends = [
    10_000,
    ...plan.acts.map((act) => act.atMs + (act.kind === 'upload' ? act.forMs : 0)),
    ...plan.faults.map((fault) => fault.atMs + ('forMs' in fault ? fault.forMs : 0)),
    ...plan.timers.map(({ atMs }) => atMs),
    ...configChanges(plan),
    plan.rollout?.untilMs ?? 0,
  ]
  return Math.max(...ends) + 2_000
}

/** Where one fault alone lasts as long as the acts do. */
function illOf({ world, faults }: Plan): History['ill'] {
  const [fault, ...others] = faults
  if (
    world !== 'hung' ||
    fault === undefined ||
    others.length > 0 ||
    (fault.kind !== 'outage' && fault.kind !== 'slow')
  )
    return null
  return { site: fault.site, fromMs: fault.atMs, untilMs: fault.atMs + fault.forMs }
}
