import { headerRefused } from './errors.ts'
import type { HeaderLookup } from './conditions.ts'
import { type ContentHeaders, type Tier, tiers } from './record.ts'

/** Of a blob for which nobody names another. */
export const plainType = 'application/octet-stream'

/** `direct`: the request's own Content-Type and its kin describe the blob, where nothing else does. */
export function contentHeadersOf(header: HeaderLookup, direct: boolean): ContentHeaders {
  const one = (name: string) => header(`x-ms-blob-${name}`) ?? (direct ? header(name) : undefined)
  const type = one('content-type') ?? (direct ? plainType : undefined)
  const encoding = one('content-encoding')
  const language = one('content-language')
  const disposition = header('x-ms-blob-content-disposition')
  const cacheControl = one('cache-control')
  return {
    ...(type === undefined ? {} : { type }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(language === undefined ? {} : { language }),
    ...(disposition === undefined ? {} : { disposition }),
    ...(cacheControl === undefined ? {} : { cacheControl }),
  }
}

export function wireHeaders({
  type,
  encoding,
  language,
  disposition,
  cacheControl,
}: ContentHeaders): Record<string, string> {
  return {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    ...(language === undefined ? {} : { 'content-language': language }),
    ...(disposition === undefined ? {} : { 'content-disposition': disposition }),
    ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
  }
}

export function tierOf(header: HeaderLookup): Tier | null {
  const wanted = header('x-ms-access-tier')
  if (wanted === undefined) return null
  const tier = tiers.find((one) => one.toLowerCase() === wanted.toLowerCase())
  if (tier === undefined) throw headerRefused('x-ms-access-tier', wanted)
  return tier
}
