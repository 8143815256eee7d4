import { expect, it } from 'vitest'
import { missingLink, type Resource, type Resources } from '#prove/house/aws-template.ts'
import { simple, templateOf } from '#test/cdk/synthesized.ts'

/** As CDK writes it for the smallest stack. */
const written = (): Resources => (templateOf(simple).toJSON() as { readonly Resources: Resources }).Resources
const sound = written()

/** The same with each property of that name, wherever it is, said otherwise. */
function changed(name: string, value: unknown, of: RegExp = /./): Resources {
  const change = (key: string, was: unknown) => (key === name ? value : was)
  return Object.fromEntries(
    Object.entries(sound).map(([id, one]) => [
      id,
      of.test(one.Type) ? (JSON.parse(JSON.stringify(one, change)) as Resource) : one,
    ]),
  )
}

const without = (type: string): Resources =>
  Object.fromEntries(Object.entries(sound).filter(([, { Type }]) => Type !== type))

const deadLetters = Object.keys(sound).find((id) => id.includes('DeadLetters'))!
const toDeadLetters = { 'Fn::GetAtt': [deadLetters, 'Arn'] }

it('a template through which a change reaches the function misses no link', () => {
  expect(missingLink(sound)).toBeNull()
})

it.each<[what: string, missing: string, resources: Resources]>([
  ['whose bucket tells nobody', 'no bucket tells EventBridge', changed('EventBridgeEnabled', false)],
  ['without a bucket', 'no bucket tells EventBridge', without('AWS::S3::Bucket')],
  ['whose rule has another source', 'no rule takes what the bucket tells', changed('source', ['aws.nothing'])],
  ['whose rule is of another bucket', 'no rule takes what the bucket tells', changed('name', ['another'], /Rule/)],
  [
    'whose rule passes deletions over',
    'no rule takes what the bucket tells',
    changed('detail-type', ['Object Created']),
  ],
  ['whose rule is switched off', 'no rule takes what the bucket tells', changed('State', 'DISABLED')],
  ['whose rule has no target', 'no queue is the target of the rule', changed('Targets', [])],
  ['whose rule may not send', 'the rule may not send to its queue', without('AWS::SQS::QueuePolicy')],
  ['whose rule feeds the dead letters', 'the queue has no dead letters', changed('Targets', [{ Arn: toDeadLetters }])],
  ['without dead letters', 'the queue has no dead letters', changed('RedrivePolicy', undefined)],
  ['whose dead letters lead nowhere', 'the queue has no dead letters', changed('deadLetterTargetArn', 'arn:aws:sqs')],
  ['whose function has no source', 'no function is fed by the queue', without('AWS::Lambda::EventSourceMapping')],
  [
    'whose function is fed by the dead letters',
    'no function is fed by the queue',
    changed('EventSourceArn', toDeadLetters),
  ],
  ['without a function', 'no function is fed by the queue', without('AWS::Lambda::Function')],
  ['whose function may not read', 'the function may not take from its queue', changed('Statement', [], /IAM::Policy/)],
])('a template %s misses that link: %s', (_, missing, resources) => {
  expect(missingLink(resources)).toBe(missing)
})
