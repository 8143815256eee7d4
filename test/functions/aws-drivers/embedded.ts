import { CreateBucketCommand, PutBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll } from 'vitest'
import { s3Client } from '#aws/drivers/client.ts'
import { s3Face, type S3Face } from '#local/servers/s3/face.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { engineOnDisk } from '#test/local/on-disk.ts'
import { storeAt } from './bench.ts'

/** An S3 of one's own, with a bucket that keeps versions, one that does not, and one for control. */
export interface Embedded {
  readonly face: S3Face
  /** By the driver. */
  readonly store: ObjectStore
  readonly plain: ObjectStore
  /** As a user. */
  readonly user: S3Client
  /** Its clock, ahead of this machine's by so much. */
  ahead(ms: number): void
}

export function embedded(): () => Embedded {
  let there: Embedded | undefined
  let close = async (): Promise<void> => undefined
  beforeAll(async () => {
    let aheadMs = 0
    const now = () => Date.now() + aheadMs
    const engine = await engineOnDisk(now)
    const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' }
    const face = await s3Face({ engine, now, credentials: [credentials] })
    const user = s3Client({ region: 'us-east-1', endpoint: face.url, credentials })
    for (const Bucket of ['bucket', 'plain', 'control']) await user.send(new CreateBucketCommand({ Bucket }))
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await user.send(new PutBucketVersioningCommand({ Bucket: 'bucket', VersioningConfiguration }))
    const store = storeAt(face.url, { pageMax: 5, copyBytesMax: 8 * 1024 ** 2 })
    const plain = storeAt(face.url, { bucket: 'plain', versioned: false })
    there = { face, store, plain, user, ahead: (ms) => void (aheadMs += ms) }
    close = async () => {
      await face.close()
      await engine.close()
    }
  })
  afterAll(() => close())
  return () => there!
}
