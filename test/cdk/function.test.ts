import { expect, it } from 'vitest'
import { limits } from '#shared/replication/core.ts'
import { all, group, nameOf, only, type Policy, simple, sites, templateOf } from './synthesized.ts'

const template = templateOf(simple)
const lambda = only<{
  readonly Timeout: number
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> }
}>(template, 'AWS::Lambda::Function').properties
const eventSource = only(template, 'AWS::Lambda::EventSourceMapping').properties
const bucketId = only(template, 'AWS::S3::Bucket').id

/** What the function's role may do: action -> resources. */
function allowed(pattern: RegExp): Readonly<Record<string, readonly string[]>> {
  const statements = all<Policy>(template, 'AWS::IAM::Policy').flatMap(
    ({ properties }) => properties.PolicyDocument.Statement,
  )
  const rows = statements.flatMap(({ Action, Resource }) =>
    [Action].flat().map((action) => [action, [Resource].flat().map(nameOf)] as const),
  )
  return Object.fromEntries(rows.filter(([action]) => pattern.test(action)))
}

it('one bad record does not bring back the others of its batch', () => {
  expect(eventSource).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'] })
})

it('its time, its memory, its batches and its number are bounded', () => {
  expect(lambda).toMatchObject({ Timeout: 60, MemorySize: 512, Runtime: 'nodejs24.x', Architectures: ['arm64'] })
  expect(eventSource).toMatchObject({ BatchSize: 10, ScalingConfig: { MaximumConcurrency: 50 } })
})

it('its work ends ten seconds before its cloud does it, so that all of a batch can be answered for', () => {
  expect(lambda.Timeout * 1_000 - limits.invocationMs).toBe(10_000)
})

it('the function may write nothing outside its bucket', () => {
  expect(allowed(/^s3:(?!Get|List)/)).toEqual({
    's3:PutObject': [`${bucketId}/*`],
    's3:PutObjectTagging': [`${bucketId}/*`],
    's3:DeleteObject': [`${bucketId}/*`],
  })
})

it('the function may remove no version for good, and change nothing of any bucket', () => {
  expect(allowed(/DeleteObjectVersion|Bypass|Bucket(?!Versions|$)|Lifecycle|Notification|Acl/)).toEqual({})
})

it('the function may read what it copies: objects, old versions, tags, and that something is absent', () => {
  const objects = ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging', 's3:GetObjectVersionTagging']
  const lists = ['s3:ListBucket', 's3:ListBucketVersions']
  expect(allowed(/^s3:(?:Get|List)/)).toEqual({
    ...Object.fromEntries(objects.map((action) => [action, [`${bucketId}/*`]])),
    ...Object.fromEntries(lists.map((action) => [action, [bucketId]])),
  })
})

it('no permission is a wildcard, and there is none beside the bucket and the queue', () => {
  const actions = allowed(/./)
  expect(Object.keys(actions).filter((action) => action.includes('*'))).toEqual([])
  expect(Object.keys(actions).filter((action) => !/^(?:s3|sqs):/.test(action))).toEqual([])
  expect(
    Object.values(actions)
      .flat()
      .filter((resource) => resource.startsWith('*')),
  ).toEqual([])
})

it('the function reads the configuration that it was synthesized with', () => {
  expect(JSON.parse(lambda.Environment.Variables['ISOBAR_CONFIG']!)).toEqual(simple)
})

it('a configuration too large for the environment of a function is refused, by its size', () => {
  const exclude = Array.from({ length: 100 }, (_, n) => `media/a-folder-with-quite-a-long-name-${n}/**`)
  const large = { sites, replicate: [{ ...group, exclude }] }
  expect(() => templateOf(large)).toThrow(/found \d{4} bytes .*expected at most 4096/)
})
