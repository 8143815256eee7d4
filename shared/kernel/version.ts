import type { Brand } from './ids.ts'

/**
 * Names one version of one object at one site, for a condition or a pinned read.
 * Opaque: an ETag here, a generation there; only the driver that made it looks inside.
 */
export type Version = Brand<string, 'Version'>

/**
 * What a stamp says of a version, and what every listing of its site shows: the ETag on S3, the generation on Cloud Storage,
 * the version id on Azure. Together with the date it names the version.
 */
export type StampId = Brand<string, 'StampId'>

/** The one cast: for drivers, which know what they put in. */
export function version(text: string): Version {
  return text as Version
}

export function stampId(text: string): StampId {
  return text as StampId
}
