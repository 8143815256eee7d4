import type { SiteDocument } from './document.ts'
import type { Site } from './model.ts'
import { isAws } from './place.ts'

const classes: Readonly<Record<SiteDocument['kind'], readonly string[]>> = {
  s3: ['STANDARD', 'INTELLIGENT_TIERING', 'STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE'],
  'azure-blob': ['Hot', 'Cool', 'Cold', 'Archive'],
  gcs: ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'],
}

/** What lies in these must be restored before it can be read, which takes hours. Cloud Storage has no such class. */
const frozen: Readonly<Record<SiteDocument['kind'], readonly string[]>> = {
  s3: ['GLACIER', 'DEEP_ARCHIVE'],
  'azure-blob': ['Archive'],
  gcs: [],
}

/** The classes that a site can write, or `null` where only its operator knows: a store of one's own names its classes itself. */
export function classesOf(site: SiteDocument): readonly string[] | null {
  return site.kind === 's3' && !isAws(site) ? null : classes[site.kind]
}

/** Whether an object of this class is known not to answer a read. */
export function isFrozen(site: Site, storageClass: string): boolean {
  return (site.kind !== 's3' || isAws(site)) && frozen[site.kind].includes(storageClass)
}
