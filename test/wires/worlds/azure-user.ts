import { type BlobClient, type ContainerClient, RestError } from '@azure/storage-blob'
import type { Far, UserVerbs } from './words.ts'

/** Somebody with the SDK who has never heard of conditions. */
export function azureUser(container: ContainerClient): Far<UserVerbs> {
  const blobOf = (key: string) => container.getBlockBlobClient(key)

  /** A copy takes the metadata along and leaves the tags behind: who wants them sends them. */
  async function copy(from: BlobClient, to: BlobClient): Promise<boolean> {
    const tags = await absentAs(null, from.getTags())
    if (tags === null) return false
    const poller = await to.beginCopyFromURL(from.url, { tags: tags.tags, intervalInMs: 1 })
    await poller.pollUntilDone()
    return true
  }

  return {
    async put(key, bytes, { contentType: blobContentType, metadata, tags }) {
      const said = { blobHTTPHeaders: { blobContentType }, metadata, tags }
      await blobOf(key).upload(bytes, bytes.byteLength, said)
    },
    async delete(key) {
      await absentAs(null, blobOf(key).delete())
    },
    async undelete(key) {
      if (await blobOf(key).exists()) return false
      let newest: string | null = null
      for await (const { name, versionId } of container.listBlobsFlat({ prefix: key, includeVersions: true })) {
        if (name === key && versionId !== undefined && (newest === null || versionId > newest)) newest = versionId
      }
      return newest !== null && copy(blobOf(key).withVersion(newest), blobOf(key))
    },
    async restore(key, version) {
      const [, id = ''] = version.split('|')
      return id !== '' && copy(blobOf(key).withVersion(id), blobOf(key))
    },
    copy: (from, to) => copy(blobOf(from), blobOf(to)),
    async begin() {
      return ''
    },
    async complete(key, _upload, parts) {
      // As the SDK names blocks itself: 48 letters.
      const ids = parts.map((_, at) => Buffer.from(String(at).padStart(48, 'u')).toString('base64'))
      for (const [at, part] of parts.entries()) await blobOf(key).stageBlock(ids[at]!, part, part.byteLength)
      const blobHTTPHeaders = { blobContentType: 'application/octet-stream' }
      await blobOf(key).commitBlockList(ids, { blobHTTPHeaders })
    },
    async patch(key, metadata) {
      const shown = await absentAs(null, blobOf(key).getProperties())
      if (shown === null) return false
      await blobOf(key).setMetadata({ ...shown.metadata, ...metadata })
      return true
    },
    async setTags(key, tags) {
      return (await absentAs(null, blobOf(key).setTags(tags))) !== null
    },
  }
}

async function absentAs<T, A>(absent: A, act: Promise<T>): Promise<T | A> {
  try {
    return await act
  } catch (thrown) {
    if (thrown instanceof RestError && thrown.statusCode === 404) return absent
    throw thrown
  }
}
