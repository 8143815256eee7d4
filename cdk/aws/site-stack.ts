import { type App, Stack } from 'aws-cdk-lib'
import type { Config, S3Site } from '#shared/config/model.ts'
import { ObjectChanged } from './object-changed.ts'
import { ObjectEvents } from './object-events.ts'
import { sourceBucket } from './source-bucket.ts'

export interface SiteStackProps {
  readonly site: S3Site
  readonly config: Config
  /** The same, as the function will read it. */
  readonly configText: string
  readonly existing: boolean
  readonly replicationAccount: string | null
}

/** bucket -> EventBridge -> queue (and its dead letters) -> function. */
export class SiteStack extends Stack {
  readonly events: ObjectEvents
  readonly objectChanged: ObjectChanged

  constructor(app: App, { site, config, configText, existing, replicationAccount }: SiteStackProps) {
    super(app, `isobar-${site.id}`, {
      description: `Isobar: what changes in ${site.bucket} is replicated`,
      ...(site.region === null ? {} : { env: { region: site.region } }),
    })
    const bucket = sourceBucket(this, site, existing)
    this.events = new ObjectEvents(this, { site, config, replicationAccount })
    this.objectChanged = new ObjectChanged(this, { bucket, queue: this.events.queue, configText })
  }
}
