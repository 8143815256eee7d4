import { Duration } from 'aws-cdk-lib'
import { Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { Config, S3Site } from '#shared/config/model.ts'
import { writesAreNews } from './echoes.ts'
import { functionTimeout } from './object-changed.ts'

export interface ObjectEventsProps {
  readonly site: S3Site
  readonly config: Config
  readonly replicationAccount: string | null
}

/** For poison only: an outage is waited out by delayed messages, which count no attempt. */
const attempts = 5

/** The bucket's events on their way to the function: buffered, repeated, and put aside whole where nothing helps. */
export class ObjectEvents extends Construct {
  readonly queue: Queue
  readonly rule: Rule

  constructor(scope: Construct, { site, config, replicationAccount }: ObjectEventsProps) {
    super(scope, 'ObjectEvents')
    // A dead letter keeps the age that it had in the first queue, so it gets the longest time that there is.
    const deadLetterQueue = queue(this, 'DeadLetters', { retentionPeriod: Duration.days(14) })
    this.queue = queue(this, 'Queue', {
      retentionPeriod: Duration.days(7),
      visibilityTimeout: Duration.seconds(functionTimeout.toSeconds() * 6),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: attempts },
    })
    const passedOver = writesAreNews(config, site.id) ? null : replicationAccount
    this.rule = new Rule(this, 'Rule', {
      description: `What happens to the objects of ${site.bucket}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created', 'Object Deleted'],
        detail: detailOf(site, passedOver),
      },
      targets: [new SqsQueue(this.queue, { deadLetterQueue })],
    })
  }
}

function queue(scope: Construct, id: string, props: QueueProps): Queue {
  return new Queue(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...props })
}

/** All but our own writes, where they are news for nobody, and what lifecycle removes for good, where versions are kept. */
function detailOf(site: S3Site, passedOver: string | null): Readonly<Record<string, unknown>> {
  const notForGood = [
    { reason: [{ 'anything-but': ['Lifecycle Expiration'] }] },
    { 'deletion-type': ['Delete Marker Created'] },
  ]
  return {
    bucket: { name: [site.bucket] },
    ...(passedOver === null ? {} : { requester: [{ 'anything-but': [passedOver] }] }),
    ...(site.versioned ? { $or: notForGood } : {}),
  }
}
