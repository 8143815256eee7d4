import { App } from 'aws-cdk-lib'
import { DISABLE_CREATION_STACK_TRACES } from 'aws-cdk-lib/cx-api'
import { parseConfig } from '#shared/config/load.ts'
import type { Config, S3Site } from '#shared/config/model.ts'
import { readJson } from '#shared/config/read-json.ts'
import { either } from '#shared/config/show.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { SiteStack } from './site-stack.ts'

/** The buckets are there already: nothing of them is changed but that they tell EventBridge. */
const existingKey = 'isobar:existing'
/** The account by which the other clouds' functions write here, and nobody else does. */
const accountKey = 'isobar:replicationAccount'

/** One stack for each bucket of this account whose changes start something. What else there is to say is context: docs/configuration.md. */
export function awsApp(configText: string, outdir: string, context: Readonly<Record<string, unknown>> = {}): App {
  const config = parseConfig(configText)
  const sites = sourceSites(config)
  if (sites.length === 0)
    throw new Failure(
      'invalid',
      'replicate: found no rule that starts at an S3 bucket of this account, so there is nothing to set up in AWS; ' +
        'expected a group with such a site among its members, or a route from one (a site of kind "s3" without "endpoint" or "role")',
    )
  // What is synthesized names no place of the machine that did it, so it is the same on every one.
  const still = { stackTraces: false, analyticsReporting: false }
  const app = new App({ outdir, ...still, context: { [DISABLE_CREATION_STACK_TRACES]: true, ...context } })
  refuseUnknown(app)
  const existing = said(app, existingKey, /^(true|false)$/, 'true or false') === 'true'
  const replicationAccount = said(app, accountKey, /^\d{12}$/, 'an account of 12 digits')
  // Without blanks: Lambda counts them.
  const compact = JSON.stringify(readJson(configText))
  sites.forEach((site) => new SiteStack(app, { site, config, configText: compact, existing, replicationAccount }))
  return app
}

/** Not stores elsewhere that speak S3, nor buckets of other accounts: their events are told to somebody else. */
function sourceSites({ sites, groups, routes }: Config): readonly S3Site[] {
  const sources = new Set([...groups.flatMap(({ members }) => members), ...routes.map(({ from }) => from)])
  return [...sites.values()]
    .filter((site) => site.kind === 's3')
    .filter(({ id, endpoint, role }) => sources.has(id) && endpoint === null && role === null)
}

function said(app: App, name: string, pattern: RegExp, expected: string): string | null {
  const value: unknown = app.node.tryGetContext(name)
  if (value === undefined) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (pattern.test(text)) return text
  throw new Failure('invalid', `${name}: found ${JSON.stringify(value)}, expected ${expected}`)
}

/** What is misspelt would otherwise be left at its default in silence. */
function refuseUnknown(app: App): void {
  const names = Object.keys(app.node.getAllContext() as Readonly<Record<string, unknown>>)
  const unknown = names.find((name) => name.startsWith('isobar:') && name !== existingKey && name !== accountKey)
  if (unknown === undefined) return
  throw new Failure(
    'invalid',
    `${unknown}: found an unknown context value, expected ${either([existingKey, accountKey])}`,
  )
}
