import type { Config, GcsSite } from '#shared/config/model.ts'

export function siteOfBucket(config: Config, bucket: string): GcsSite | null {
  const sites = [...config.sites.values()].filter((site) => site.kind === 'gcs')
  return sites.find((site) => site.bucket === bucket) ?? null
}
