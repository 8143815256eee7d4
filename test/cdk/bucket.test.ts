import { Match } from 'aws-cdk-lib/assertions'
import { expect, it } from 'vitest'
import { all, bucket, group, nameOf, only, type Policy, simple, sites, stacksOf, templateOf } from './synthesized.ts'

it('a new bucket keeps versions for as long as its site says, tells EventBridge, and outlives its stack', () => {
  const template = templateOf(simple)
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketName: bucket,
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 30 } })]),
      },
    },
  })
  // By days, never by count: a burst of writes would push the memory of a deletion out.
  expect(JSON.stringify(only(template, 'AWS::S3::Bucket'))).not.toContain('NewerNoncurrentVersions')
})

it('a new bucket is nobody’s to read without its policy saying so', () => {
  const blocked = {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  }
  expect(only(templateOf(simple), 'AWS::S3::Bucket').properties).toMatchObject({
    PublicAccessBlockConfiguration: blocked,
  })
})

it('a new bucket refuses whoever asks for anything in the clear', () => {
  const template = templateOf(simple)
  const { id } = only(template, 'AWS::S3::Bucket')
  const { Statement } = only<Policy>(template, 'AWS::S3::BucketPolicy').properties.PolicyDocument
  const refused = Statement.filter(({ Effect }) => Effect === 'Deny').map(({ Resource, ...more }) => ({
    ...more,
    Resource: [Resource].flat().map(nameOf),
  }))
  expect(refused).toEqual([
    {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:*',
      Resource: [id, `${id}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ])
})

it('a bucket that is there already is only told to tell EventBridge, beside what it tells others', () => {
  const template = templateOf(simple, { 'isobar:existing': 'true' })
  expect(all(template, 'AWS::S3::Bucket')).toEqual([])
  expect(only(template, 'Custom::S3BucketNotifications').properties).toMatchObject({
    BucketName: bucket,
    Managed: false,
    NotificationConfiguration: { EventBridgeConfiguration: {} },
  })
})

it.each(['perhaps', 1])('whether it is there is said by true or false: %s is refused', (existing) => {
  expect(() => templateOf(simple, { 'isobar:existing': existing })).toThrow('isobar:existing: found')
})

it.each(['isobar:exists', 'isobar:replicationaccount'])('%s is no context value, and is not passed over', (name) => {
  expect(() => templateOf(simple, { [name]: 'true' })).toThrow(
    `${name}: found an unknown context value, expected isobar:existing or isobar:replicationAccount`,
  )
})

it('there is one stack for each bucket of this account that starts a rule, in its own region', () => {
  const elsewhere = {
    there: { ...sites.vault, bucket: 'theirs', role: 'arn:aws:iam::210987654321:role/isobar' },
    cellar: { ...sites.vault, bucket: 'cellar', endpoint: 'https://s3.cellar.example' },
  }
  const replicate = [
    group,
    { id: 'a', from: 'vault', to: ['gcp'], prefix: 'a/' },
    { id: 'b', from: 'there', to: ['gcp'], prefix: 'b/' },
    { id: 'c', from: 'cellar', to: ['gcp'], prefix: 'c/' },
  ]
  const stacks = stacksOf({ sites: { ...sites, ...elsewhere }, replicate })
  const names = stacks.map(({ stackName, region }) => `${stackName} in ${region}`)
  expect(names).toEqual(['isobar-aws in ca-central-1', 'isobar-vault in eu-west-1'])
})

it('a configuration that leaves nothing to build is refused, not synthesized empty', () => {
  const inward = { sites, replicate: [{ id: 'in', from: 'gcp', to: ['aws'] }] }
  expect(() => stacksOf(inward)).toThrow('replicate: found no rule that starts at an S3 bucket of this account')
})
