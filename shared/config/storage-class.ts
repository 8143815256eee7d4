import type { SiteDocument } from './document.ts'

const classes: Readonly<Record<SiteDocument['kind'], readonly string[]>> = {
  s3: ['STANDARD', 'INTELLIGENT_TIERING', 'STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'],
  'azure-blob': ['Hot', 'Cool', 'Cold', 'Archive'],
  gcs: ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'],
}

/** The classes that a site can write, or `null` where only its operator knows: a store of one's own names its classes itself. */
export function classesOf(site: SiteDocument): readonly string[] | null {
  return site.kind === 's3' && site.endpoint !== undefined ? null : classes[site.kind]
}
