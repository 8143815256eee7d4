import { Duration } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { configVariable } from '#functions/config.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { bundleOf } from './bundle.ts'
import type { SourceBucket } from './source-bucket.ts'

export interface ObjectChangedProps {
  readonly bucket: SourceBucket
  readonly queue: IQueue
  readonly configText: string
}

/** Objects of many minutes are another function's work. */
export const functionTimeout: Duration = Duration.seconds(60)

/** Lambda allows its environment no more. */
const environmentBytesMax = 4_096

/** The function, what feeds it, and what it may do: read, write and delete in its bucket, and nothing for good. */
export class ObjectChanged extends Construct {
  constructor(scope: Construct, { bucket, queue, configText }: ObjectChangedProps) {
    super(scope, 'ObjectChanged')
    const environment = { [configVariable]: configText, NODE_OPTIONS: '--enable-source-maps' }
    refuseLarge(environment)
    const lambda = new LambdaFunction(this, 'Function', {
      code: bundleOf('functions/aws/main.ts'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: functionTimeout,
      memorySize: 512,
      environment,
      logGroup: new LogGroup(this, 'Log', { retention: RetentionDays.THREE_MONTHS }),
    })
    lambda.addEventSource(
      new SqsEventSource(queue, { batchSize: 10, maxConcurrency: 50, reportBatchItemFailures: true }),
    )
    for (const statement of statements(bucket)) lambda.addToRolePolicy(statement)
  }
}

function statements(bucket: SourceBucket): PolicyStatement[] {
  const objects = [
    's3:GetObject',
    's3:GetObjectVersion',
    's3:GetObjectTagging',
    's3:GetObjectVersionTagging',
    's3:PutObject',
    's3:PutObjectTagging',
    's3:DeleteObject',
  ]
  // Who may not list is told "forbidden" of what is absent.
  const lists = ['s3:ListBucket', 's3:ListBucketVersions']
  return [
    new PolicyStatement({ actions: objects, resources: [bucket.arnForObjects('*')] }),
    new PolicyStatement({ actions: lists, resources: [bucket.bucketArn] }),
  ]
}

function refuseLarge(environment: Readonly<Record<string, string>>): void {
  const bytes = Buffer.byteLength(Object.entries(environment).flat().join(''))
  if (bytes <= environmentBytesMax) return
  throw new Failure(
    'invalid',
    `the configuration: found ${bytes} bytes with the rest of the function's environment, expected at most ${environmentBytesMax}; ` +
      'leave out what has its default, or split it by site',
  )
}
