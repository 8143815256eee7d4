/** Resources of a CloudFormation template, by their logical ids; of their properties what is asked here. */
export type Resources = Readonly<Record<string, Resource>>

export interface Resource {
  readonly Type: string
  readonly Properties?: unknown
}

interface Bucket {
  readonly BucketName?: string
  readonly NotificationConfiguration?: { readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled?: unknown } }
}

interface Rule {
  readonly State?: string
  readonly EventPattern?: {
    readonly source?: readonly unknown[]
    readonly 'detail-type'?: readonly unknown[]
    readonly detail?: { readonly bucket?: { readonly name?: readonly unknown[] } }
  }
  readonly Targets?: readonly { readonly Arn?: unknown }[]
}

interface Queue {
  readonly RedrivePolicy?: { readonly deadLetterTargetArn?: unknown }
}

interface Policy {
  readonly Queues?: readonly unknown[]
  readonly Roles?: readonly unknown[]
  readonly PolicyDocument: { readonly Statement: readonly Statement[] }
}

interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: unknown
  readonly Principal?: { readonly Service?: unknown }
  readonly Condition?: { readonly ArnEquals?: { readonly 'aws:SourceArn'?: unknown } }
}

interface Mapping {
  readonly EventSourceArn?: unknown
  readonly FunctionName?: unknown
}

/**
 * The first link that is missing between a bucket's notices and the function, in words; `null` where a change of an object comes through. The kinds
 * of resources alone say nothing: a rule without a target is a rule, and dead letters are a queue.
 */
export function missingLink(resources: Resources): string | null {
  const all = <T>(type: string) =>
    Object.entries(resources).flatMap(([id, { Type, Properties }]) =>
      Type === `AWS::${type}` ? [{ id, is: (Properties ?? {}) as T }] : [],
    )
  const buckets = all<Bucket>('S3::Bucket').filter(({ is }) => tellsEventBridge(is))
  if (buckets.length === 0) return 'no bucket tells EventBridge'
  const rules = all<Rule>('Events::Rule').filter(({ is }) => buckets.some((bucket) => takes(is, bucket.is)))
  if (rules.length === 0) return 'no rule takes what the bucket tells'
  const targets = rules.flatMap(({ id, is }) => (is.Targets ?? []).map(({ Arn }) => ({ rule: id, arn: idOf(Arn) })))
  const queues = all<Queue>('SQS::Queue')
  const fed = queues.filter(({ id }) => targets.some(({ arn }) => arn === id))
  if (fed.length === 0) return 'no queue is the target of the rule'
  const open = fed.filter((queue) =>
    all<Policy>('SQS::QueuePolicy').some(({ is }) =>
      targets.some(({ rule, arn }) => arn === queue.id && maySend(is, queue.id, rule)),
    ),
  )
  if (open.length === 0) return 'the rule may not send to its queue'
  const kept = open.filter(({ id, is }) => {
    const dead = idOf(is.RedrivePolicy?.deadLetterTargetArn)
    return dead !== id && queues.some((queue) => queue.id === dead)
  })
  if (kept.length === 0) return 'the queue has no dead letters'
  const functions = all<{ readonly Role?: unknown }>('Lambda::Function')
  const lambdas = functions.filter((lambda) =>
    all<Mapping>('Lambda::EventSourceMapping').some(
      ({ is }) => idOf(is.FunctionName) === lambda.id && kept.some(({ id }) => idOf(is.EventSourceArn) === id),
    ),
  )
  if (lambdas.length === 0) return 'no function is fed by the queue'
  const takesFrom =
    (role: string) =>
    ({ is }: { readonly is: Policy }) =>
      (is.Roles ?? []).some((one) => idOf(one) === role) && kept.some(({ id }) => mayReceive(is, id))
  const served = lambdas.some(({ is }) => all<Policy>('IAM::Policy').some(takesFrom(idOf(is.Role))))
  return served ? null : 'the function may not take from its queue'
}

/** The logical id that a reference leads to; what is no reference leads nowhere. */
function idOf(reference: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = (reference ?? {}) as { Ref?: string; 'Fn::GetAtt'?: readonly string[] }
  return Ref ?? attribute?.[0] ?? ''
}

function tellsEventBridge({ NotificationConfiguration }: Bucket): boolean {
  return NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled === true
}

function takes({ State = 'ENABLED', EventPattern }: Rule, { BucketName }: Bucket): boolean {
  const { source = [], 'detail-type': types = [], detail } = EventPattern ?? {}
  const both = ['Object Created', 'Object Deleted'].every((type) => types.includes(type))
  const ours = detail?.bucket?.name?.includes(BucketName) ?? false
  return State === 'ENABLED' && source.includes('aws.s3') && both && ours
}

function allows({ Effect, Action, Resource }: Statement, action: string, queue: string): boolean {
  return Effect === 'Allow' && [Action].flat().includes(action) && idOf(Resource) === queue
}

function maySend({ Queues = [], PolicyDocument }: Policy, queue: string, rule: string): boolean {
  const said = PolicyDocument.Statement.some(
    (statement) =>
      allows(statement, 'sqs:SendMessage', queue) &&
      statement.Principal?.Service === 'events.amazonaws.com' &&
      idOf(statement.Condition?.ArnEquals?.['aws:SourceArn']) === rule,
  )
  return said && Queues.some((one) => idOf(one) === queue)
}

function mayReceive({ PolicyDocument }: Policy, queue: string): boolean {
  const acts = ['sqs:ReceiveMessage', 'sqs:DeleteMessage']
  return acts.every((act) => PolicyDocument.Statement.some((statement) => allows(statement, act, queue)))
}
