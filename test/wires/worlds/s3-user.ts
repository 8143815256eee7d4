import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  NotFound,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { Far, UserVerbs } from './words.ts'

/** Somebody with the SDK who has never heard of conditions. */
export function s3User(client: S3Client, Bucket: string): Far<UserVerbs> {
  async function shown(Key: string) {
    try {
      return await client.send(new HeadObjectCommand({ Bucket, Key }))
    } catch (thrown) {
      if (thrown instanceof NotFound) return null
      throw thrown
    }
  }

  async function versions(key: string) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket, Prefix: key }),
    )
    return {
      versions: Versions.filter(({ Key }) => Key === key),
      markers: DeleteMarkers.filter(({ Key }) => Key === key),
    }
  }

  const copySource = (key: string, version: string | null) =>
    `${Bucket}/${encodeURIComponent(key)}${version === null ? '' : `?versionId=${version}`}`

  return {
    async put(Key, Body, { contentType, metadata, tags }) {
      const Tagging = new URLSearchParams(tags).toString()
      const said = { ContentType: contentType, Metadata: metadata, ...(Tagging === '' ? {} : { Tagging }) }
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ...said }))
    },
    async delete(Key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key }))
    },
    /** Takes away the delete markers on top. */
    async undelete(Key) {
      for (let uncovered = false; ; uncovered = true) {
        const { versions: all, markers } = await versions(Key)
        const top = markers.find(({ IsLatest }) => IsLatest)
        if (top === undefined || all.length === 0) return uncovered
        await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId: top.VersionId }))
      }
    },
    async restore(Key, version) {
      const id = version.slice(version.indexOf('|') + 1)
      const { versions: all } = await versions(Key)
      if (!all.some(({ VersionId }) => VersionId === id)) return false
      await client.send(new CopyObjectCommand({ Bucket, Key, CopySource: copySource(Key, id) }))
      return true
    },
    async copy(from, to) {
      if ((await shown(from)) === null) return false
      await client.send(new CopyObjectCommand({ Bucket, Key: to, CopySource: copySource(from, null) }))
      return true
    },
    async begin(Key, { contentType: ContentType, metadata: Metadata }) {
      const said = { Bucket, Key, ContentType, Metadata }
      const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand(said))
      return UploadId
    },
    async complete(Key, UploadId, parts) {
      const Parts: { PartNumber: number; ETag: string }[] = []
      for (const [at, Body] of parts.entries()) {
        const PartNumber = at + 1
        const { ETag = '' } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))
        Parts.push({ PartNumber, ETag })
      }
      await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))
    },
    async patch(Key, metadata) {
      const now = await shown(Key)
      if (now === null) return false
      const Metadata = { ...now.Metadata, ...metadata }
      const said = { MetadataDirective: 'REPLACE', Metadata, ContentType: now.ContentType } as const
      await client.send(new CopyObjectCommand({ Bucket, Key, CopySource: copySource(Key, null), ...said }))
      return true
    },
    async setTags(Key, tags) {
      if ((await shown(Key)) === null) return false
      const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
      await client.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet } }))
      return true
    },
  }
}
