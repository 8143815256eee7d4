import type { Bucket } from '#local/servers/engine/model.ts'
import { bucketFactsOf } from './bucket-facts.ts'
import type { Call } from './call.ts'
import { bucketNamed, type Cloud } from './cloud.ts'
import { refuse } from './refusals.ts'

/** Where the requester pays, each request names the project that does. (Everybody is somebody else here: the cloud lets owners name none.) */
export function bucketFor(cloud: Cloud, name: string, call: Call): Bucket {
  const bucket = bucketNamed(cloud, name)
  const payer = call.query('userProject') ?? call.header('x-goog-user-project') ?? ''
  if (payer === '' && bucketFactsOf(bucket).requesterPays) refuse('userProjectMissing')
  return bucket
}
