import type { SiteId } from '#shared/kernel/ids.ts'
import type { Coverage } from './coverage.ts'
import type { Ground } from './ground.ts'
import type { Plan } from './plan.ts'
import type { Recorder } from './recorder.ts'
import type { Timeline } from './timeline.ts'
import type { Weather } from './weather.ts'
import type { Site } from './world-site.ts'

/** What lies around a process. */
export interface Surroundings {
  readonly plan: Plan
  readonly ground: Ground
  readonly timeline: Timeline
  readonly weather: Weather
  readonly coverage: Coverage
  readonly recorder: Recorder
  readonly sites: ReadonlyMap<SiteId, Site>
}
