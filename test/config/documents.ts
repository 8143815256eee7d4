import { ConfigError, type ConfigIssue } from '#shared/config/issue.ts'
import { parseConfig } from '#shared/config/load.ts'
import type { Config } from '#shared/config/model.ts'

/** A document as a person writes it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export type Fields = { readonly [name: string]: Json }

/** One site of each kind, one that left, and a store of one's own. */
export const sites: Readonly<Record<string, Fields>> = {
  aws: { kind: 's3', bucket: 'acme-media', control: 'acme-isobar', region: 'eu-central-1' },
  azure: { kind: 'azure-blob', account: 'acmemedia', container: 'media', control: 'isobar', region: 'westeurope' },
  gcp: { kind: 'gcs', bucket: 'acme-media-us', control: 'acme-isobar-us', region: 'us-east1' },
  cellar: { kind: 's3', bucket: 'media', control: 'isobar', endpoint: 'https://s3.cellar.example', versioned: false },
  archive: { kind: 's3', bucket: 'acme-archive', control: 'acme-archive-isobar', region: 'eu-west-1' },
  gone: { kind: 'azure-blob', account: 'acmeold', container: 'media', retired: true },
}

export const group: Fields = { id: 'media', among: ['aws', 'azure'], prefix: 'media/' }
export const route: Fields = { id: 'vault', from: 'aws', to: ['archive'] }

/** A whole document around what a law is about. */
export function document(replicate: Json, more: Fields = {}, changed: Readonly<Record<string, Json>> = {}): Fields {
  return { sites: { ...sites, ...changed }, replicate, ...more }
}

export function parsed(value: unknown): Config {
  return parseConfig(JSON.stringify(value))
}

/** What a text was refused for; empty where it was accepted. */
export function issuesOfText(text: string): readonly ConfigIssue[] {
  try {
    parseConfig(text)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.issues
    throw error
  }
}

export function issuesOf(value: unknown): readonly ConfigIssue[] {
  return issuesOfText(JSON.stringify(value))
}

/** A group, a route out of it, one into it, and one that goes on from a target. */
export const meetingRules: Config = parsed(
  document([
    { id: 'media', among: ['aws', 'azure'], prefix: 'media/' },
    { id: 'vault', from: 'aws', to: ['archive'], exclude: ['**/*.tmp'] },
    {
      id: 'scans',
      from: 'gcp',
      to: ['azure'],
      prefix: 'out/',
      rename: { from: 'out/', to: 'media/in/' },
      intoGroup: true,
    },
    { id: 'depth', from: 'archive', to: ['cellar'], prefix: 'media/' },
  ]),
)
