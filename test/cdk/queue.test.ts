import { expect, it } from 'vitest'
import { all, nameOf, only, type Policy, type Resource, simple, templateOf } from './synthesized.ts'

interface Queue {
  readonly MessageRetentionPeriod: number
  readonly VisibilityTimeout: number
  readonly RedrivePolicy?: { readonly deadLetterTargetArn: unknown; readonly maxReceiveCount: number }
}

const template = templateOf(simple)
const queues = all<Queue>(template, 'AWS::SQS::Queue')
const first = queues.find(({ id }) => id.includes('Queue'))!.properties
const dead: Resource<Queue> = queues.find(({ id }) => id.includes('DeadLetters'))!

it('a message that keeps failing ends in the dead-letter queue whole, and stays there for as long as can be', () => {
  expect(queues).toHaveLength(2)
  expect(nameOf(first.RedrivePolicy?.deadLetterTargetArn)).toBe(dead.id)
  expect(first.RedrivePolicy?.maxReceiveCount).toBe(5)
  expect(dead.properties.MessageRetentionPeriod).toBe(14 * 86_400)
  expect(first.MessageRetentionPeriod).toBeLessThan(dead.properties.MessageRetentionPeriod)
})

it('a message is not handed out again while its function may still run, nor while a request of it may still land', () => {
  const { Timeout } = only<{ readonly Timeout: number }>(template, 'AWS::Lambda::Function').properties
  expect(first.VisibilityTimeout).toBe(6 * Timeout)
  expect(first.VisibilityTimeout).toBeGreaterThan(60)
})

it('an event that cannot reach the queue is put aside as well', () => {
  const { Targets } = only<{ readonly Targets: readonly { readonly DeadLetterConfig?: { readonly Arn: unknown } }[] }>(
    template,
    'AWS::Events::Rule',
  ).properties
  expect(Targets.map(({ DeadLetterConfig }) => nameOf(DeadLetterConfig?.Arn))).toEqual([dead.id])
})

it('nobody but the rule may put anything into either, and nobody may without encryption', () => {
  const rule = only(template, 'AWS::Events::Rule').id
  const policies = all<Policy>(template, 'AWS::SQS::QueuePolicy').map(({ properties }) => properties.PolicyDocument)
  expect(policies).toHaveLength(2)
  for (const { Statement } of policies) {
    for (const { Principal, Condition } of Statement.filter(({ Effect }) => Effect === 'Allow')) {
      expect(Principal).toEqual({ Service: 'events.amazonaws.com' })
      expect(nameOf(Condition?.['ArnEquals']?.['aws:SourceArn'])).toBe(rule)
    }
    const refused = { Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }
    expect(Statement).toContainEqual(expect.objectContaining(refused))
  }
})
