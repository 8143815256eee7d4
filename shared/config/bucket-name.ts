import type { SiteDocument } from './document.ts'
import { isAws } from './place.ts'

interface Unfit {
  readonly pattern: RegExp
  readonly expected: string
}

const address: Unfit = { pattern: /^\d{1,3}(\.\d{1,3}){3}$/, expected: 'a bucket name that is no IP address' }
const dots: Unfit = { pattern: /\.\./, expected: 'a bucket name without two dots in a row' }

/** What the right letters do not yet make a bucket's name, as the clouds document it. */
const unfit: Readonly<Record<SiteDocument['kind'], readonly Unfit[]>> = {
  s3: [
    address,
    dots,
    { pattern: /^(xn--|sthree-)/, expected: 'a bucket name that does not begin with "xn--" or "sthree-"' },
    {
      pattern: /(-s3alias|--ol-s3|\.mrap)$/,
      expected: 'a bucket’s own name, not that of an access point (-s3alias, --ol-s3, .mrap)',
    },
    {
      pattern: /--(x|table)-s3$/,
      expected: 'a general purpose bucket: directory and table buckets (--x-s3, --table-s3) keep no versions',
    },
  ],
  'azure-blob': [],
  gcs: [
    address,
    dots,
    { pattern: /^goog/, expected: 'a bucket name that does not begin with "goog"' },
    { pattern: /google|g00gle/, expected: 'a bucket name without "google" in it' },
    { pattern: /[^.]{64}/, expected: 'a bucket name with at most 63 characters between dots' },
  ],
}

/** What the site's cloud expects in place of this name, or `null`. A store of one's own has its own rules. */
export function unfitName(site: SiteDocument, name: string): string | null {
  if (site.endpoint !== undefined && !isAws(site)) return null
  return unfit[site.kind].find(({ pattern }) => pattern.test(name))?.expected ?? null
}
