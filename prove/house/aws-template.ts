/** Resources of a CloudFormation template, by their logical ids. */
export type Resources = Readonly<Record<string, Resource>>

export interface Resource {
  readonly Type: string
  readonly Properties?: Properties
}

/** What of any kind of them is asked here. */
interface Properties {
  readonly BucketName?: string
  readonly NotificationConfiguration?: { readonly EventBridgeConfiguration?: { readonly EventBridgeEnabled?: unknown } }
  readonly State?: string
  readonly EventPattern?: {
    readonly source?: readonly unknown[]
    readonly 'detail-type'?: readonly unknown[]
    readonly detail?: { readonly bucket?: { readonly name?: readonly unknown[] } }
  }
  readonly Targets?: readonly { readonly Arn?: unknown }[]
  readonly RedrivePolicy?: { readonly deadLetterTargetArn?: unknown }
  readonly Queues?: readonly unknown[]
  readonly Roles?: readonly unknown[]
  readonly PolicyDocument?: { readonly Statement: readonly Statement[] }
  readonly EventSourceArn?: unknown
  readonly FunctionName?: unknown
  readonly Role?: unknown
}

interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: unknown
  readonly Principal?: { readonly Service?: unknown }
  readonly Condition?: { readonly ArnEquals?: { readonly 'aws:SourceArn'?: unknown } }
}

/**
 * The first link that is missing between a bucket's notices and the function, in words; `null` where a change of an object comes through. The kinds
 * of resources alone say nothing: a rule without a target is a rule, and dead letters are a queue.
 */
export function missingLink(resources: Resources): string | null {
  const all = (type: string) => idsAndProperties(resources, type)
  const buckets = all('S3::Bucket').filter(({ is }) => tellsEventBridge(is))
  if (buckets.length === 0) return 'no bucket tells EventBridge'
  const rules = all('Events::Rule').filter(({ is }) => buckets.some((bucket) => takes(is, bucket.is)))
  if (rules.length === 0) return 'no rule takes what the bucket tells'
  const targets = rules.flatMap(({ id, is }) => (is.Targets ?? []).map(({ Arn }) => ({ rule: id, queue: idOf(Arn) })))
  const queues = all('SQS::Queue')
  const fed = queues.filter(({ id }) => targets.some(({ queue }) => queue === id))
  if (fed.length === 0) return 'no queue is the target of the rule'
  const open = fed.filter(({ id }) =>
    targets.some(({ rule, queue }) => queue === id && all('SQS::QueuePolicy').some(({ is }) => maySend(is, id, rule))),
  )
  if (open.length === 0) return 'the rule may not send to its queue'
  const kept = open.filter(({ id, is }) => {
    const dead = idOf(is.RedrivePolicy?.deadLetterTargetArn)
    return dead !== id && queues.some((queue) => queue.id === dead)
  })
  if (kept.length === 0) return 'the queue has no dead letters'
  const feeds = all('Lambda::EventSourceMapping').filter(({ is }) =>
    kept.some(({ id }) => idOf(is.EventSourceArn) === id),
  )
  const lambdas = all('Lambda::Function').filter(({ id }) => feeds.some(({ is }) => idOf(is.FunctionName) === id))
  if (lambdas.length === 0) return 'no function is fed by the queue'
  const served = lambdas.some((lambda) =>
    all('IAM::Policy').some(({ is }) => kept.some(({ id }) => mayReceive(is, id, idOf(lambda.is.Role)))),
  )
  return served ? null : 'the function may not take from its queue'
}

function idsAndProperties(resources: Resources, type: string): { readonly id: string; readonly is: Properties }[] {
  const found = Object.entries(resources).filter(([, { Type }]) => Type === `AWS::${type}`)
  return found.map(([id, { Properties = {} }]) => ({ id, is: Properties }))
}

/** The logical id that a reference leads to; what is no reference leads nowhere. */
function idOf(reference: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = (reference ?? {}) as { Ref?: string; 'Fn::GetAtt'?: readonly string[] }
  return Ref ?? attribute?.[0] ?? ''
}

function tellsEventBridge({ NotificationConfiguration }: Properties): boolean {
  return NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled === true
}

function takes({ State = 'ENABLED', EventPattern }: Properties, { BucketName }: Properties): boolean {
  const { source = [], 'detail-type': types = [], detail } = EventPattern ?? {}
  const both = ['Object Created', 'Object Deleted'].every((type) => types.includes(type))
  const ours = detail?.bucket?.name?.includes(BucketName) ?? false
  return State === 'ENABLED' && source.includes('aws.s3') && both && ours
}

function maySend({ Queues = [], PolicyDocument }: Properties, queue: string, rule: string): boolean {
  const said = PolicyDocument?.Statement.some(
    (statement) =>
      allows(statement, 'sqs:SendMessage', queue) &&
      statement.Principal?.Service === 'events.amazonaws.com' &&
      idOf(statement.Condition?.ArnEquals?.['aws:SourceArn']) === rule,
  )
  return said === true && Queues.some((one) => idOf(one) === queue)
}

function mayReceive({ Roles = [], PolicyDocument }: Properties, queue: string, role: string): boolean {
  const acts = ['sqs:ReceiveMessage', 'sqs:DeleteMessage']
  const said = acts.every((act) => PolicyDocument?.Statement.some((statement) => allows(statement, act, queue)))
  return said && Roles.some((one) => idOf(one) === role)
}

function allows({ Effect, Action, Resource }: Statement, action: string, queue: string): boolean {
  return Effect === 'Allow' && [Action].flat().includes(action) && idOf(Resource) === queue
}
