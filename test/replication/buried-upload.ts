import { siteId } from '#shared/kernel/ids.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'
import { plant, stampAt } from './plant.ts'
import type { Stage } from './stage.ts'
import { bytes, key } from './trio.ts'

/** S3 dates an upload by its beginning: a copy that came meanwhile lies on top of it. Answers with the upload's own event. */
export async function buriedUpload(stage: Stage, text: string): Promise<ObjectEvent> {
  await stage.pass(20_000)
  const upload = stage.at('aws').user.begin(key('k'))
  upload.part(bytes(text))
  stage.clock.ms += 2_000
  plant(stage, 'aws', stampAt('gcp', stage.clock.ms - 3_000), { text: 'copy' })
  const { id } = upload.complete()
  await stage.pass(0)
  stage.forget()
  const about = { site: siteId('aws'), key: key('k'), kind: 'created', id } as const
  return { ...about, timeMs: stage.clock.ms, writtenFor: null, byUser: true }
}
