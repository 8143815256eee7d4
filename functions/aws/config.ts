import type { Config, S3Site } from '#shared/config/model.ts'

/** The site that a bucket of this cloud is. Its events name it by nothing else, so a store elsewhere under the same name comes second. */
export function siteOfBucket(config: Config, bucket: string): S3Site | null {
  const sites = [...config.sites.values()].filter((site) => site.kind === 's3')
  const named = sites.filter((site) => site.bucket === bucket)
  return named.find(({ endpoint }) => endpoint === null) ?? (named.length === 1 ? (named[0] ?? null) : null)
}
