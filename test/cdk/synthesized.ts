import { fileURLToPath } from 'node:url'
import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect } from 'vitest'
import { awsApp } from '#cdk/aws/app.ts'

/** The bucket of the recorded events. */
export const bucket = 'amzn-s3-demo-bucket1'

export const sites = {
  aws: { kind: 's3', bucket: 'amzn-s3-demo-bucket1', region: 'ca-central-1', control: 'notes', retentionDays: 30 },
  gcp: { kind: 'gcs', bucket: 'sample-bucket', control: 'notes' },
  vault: { kind: 's3', bucket: 'vault', region: 'eu-west-1', control: 'vault-notes' },
}

export const group = { id: 'all', among: ['aws', 'gcp'], prefix: 'media/' } as const
export const simple: object = { sites, replicate: [group] }

/** One for each of the runner's workers, written over by each test. */
const outdir = fileURLToPath(new URL(`../../.cache/templates-${process.env['VITEST_POOL_ID']}`, import.meta.url))

/** The stacks of a configuration, without their bundles. */
export function stacksOf(configuration: object, context: object = {}): readonly Stack[] {
  const app = awsApp(JSON.stringify(configuration), outdir, { 'aws:cdk:bundling-stacks': [], ...context })
  return app.node.children.filter((child) => child instanceof Stack)
}

export function templateOf(configuration: object, context: object = {}): Template {
  return Template.fromStack(stacksOf(configuration, context)[0]!)
}

/** One resource as the template has it. */
export interface Resource<Properties> {
  readonly id: string
  readonly properties: Properties
}

export function all<Properties>(template: Template, type: string): readonly Resource<Properties>[] {
  const found = Object.entries(template.findResources(type))
  return found.map(([id, { Properties }]) => ({ id, properties: Properties as Properties }))
}

export function only<Properties>(template: Template, type: string): Resource<Properties> {
  const found = all<Properties>(template, type)
  expect(found, type).toHaveLength(1)
  return found[0]!
}

export interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Principal?: unknown
  readonly Resource: unknown
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] }
}

/** What it refers to, as one text. */
export function nameOf(resource: unknown): string {
  if (typeof resource === 'string') return resource
  const { 'Fn::GetAtt': attribute, 'Fn::Join': join } = resource as Reference
  return attribute?.[0] ?? (join?.[1] ?? []).map(nameOf).join('')
}

interface Reference {
  readonly 'Fn::GetAtt'?: readonly [string, string]
  readonly 'Fn::Join'?: readonly [string, readonly unknown[]]
}
