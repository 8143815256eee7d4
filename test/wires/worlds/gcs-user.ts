import { ApiError, type Bucket, type File } from '@google-cloud/storage'
import type { Far, UserVerbs } from './words.ts'

/** Somebody with the SDK who has never heard of conditions, nor of tags: Cloud Storage has none. */
export function gcsUser(bucket: Bucket): Far<UserVerbs> {
  async function copy(from: File, to: File): Promise<boolean> {
    return (await absentAs(null, from.copy(to))) !== null
  }

  async function newestKept(key: string): Promise<string | null> {
    const [files] = await bucket.getFiles({ prefix: key, versions: true })
    const own = files.filter(({ name }) => name === key).map(({ metadata }) => metadata)
    if (own.some(({ timeDeleted }) => timeDeleted === undefined)) return null
    const generations = own.map(({ generation }) => BigInt(generation!))
    return generations.length === 0 ? null : String(generations.reduce((a, b) => (a > b ? a : b)))
  }

  return {
    async put(key, bytes, { contentType, metadata }) {
      await bucket.file(key).save(Buffer.from(bytes), { resumable: false, metadata: { contentType, metadata } })
    },
    async delete(key) {
      await absentAs(null, bucket.file(key).delete())
    },
    async undelete(key) {
      const generation = await newestKept(key)
      return generation !== null && copy(bucket.file(key, { generation }), bucket.file(key))
    },
    async restore(key, version) {
      return copy(bucket.file(key, { generation: version.slice(0, version.indexOf('|')) }), bucket.file(key))
    },
    copy: (from, to) => copy(bucket.file(from), bucket.file(to)),
    async begin() {
      return ''
    },
    async complete(key, _upload, parts) {
      const metadata = { contentType: 'application/octet-stream' }
      await bucket.file(key).save(Buffer.concat(parts), { resumable: true, metadata })
    },
    async patch(key, metadata) {
      return (await absentAs(null, bucket.file(key).setMetadata({ metadata: { ...metadata } }))) !== null
    },
    async setTags() {
      return false
    },
  }
}

async function absentAs<T, A>(absent: A, act: Promise<T>): Promise<T | A> {
  try {
    return await act
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 404) return absent
    throw thrown
  }
}
