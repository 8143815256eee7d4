import { ask, expectOk } from '#test/differential/ask.ts'
import { contentOf } from '#test/differential/content.ts'
import { flatXml } from '#test/differential/flat.ts'
import type { Dialect, Names, Response, Voice } from '#test/differential/operation.ts'
import { Stream } from '#test/simulation/random.ts'
import { assignedByS3, readS3 } from './answers.ts'
import { draw } from './draw.ts'
import { big } from './draw-parts.ts'
import { learnS3 } from './learn.ts'
import { buckets, S3State } from './state.ts'

/** S3, in two buckets: one keeps versions, one never did. */
export function s3Dialect(seed: number): Dialect<S3State> {
  return {
    wire: 's3',
    async prepare(voice, names, tag) {
      for (const bucket of [...buckets, 'missing'])
        names.bind(`bucket ${bucket}`, `isobar-differential-${tag}-${bucket}`)
      for (const bucket of buckets) await expectOk(voice, names, { method: 'PUT', path: [`‹bucket ${bucket}›`] })
      const status = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
      const enabled = { method: 'PUT', path: ['‹bucket versioned›'], query: { versioning: '' }, body: status }
      await expectOk(voice, names, enabled)
      const body = contentOf(big.size, 0)
      await expectOk(voice, names, { method: 'PUT', path: ['‹bucket plain›', big.key], body })
    },
    begin: () => new S3State(new Stream(seed, 's3')),
    draw,
    assigned: assignedByS3,
    read: readS3,
    learn: learnS3,
    drop,
    forget: (state, bucket, key) => state.forget(bucket, key),
  }
}

/** By what the server itself lists, for the two have parted company over this key. A server that refuses to list a key holds none. */
async function drop(voice: Voice, names: Names, bucket: string, key: string): Promise<void> {
  const at = [`‹bucket ${bucket}›`, ...key.split('/')]
  const listed = (query: Record<string, string>) =>
    ask(voice, names, { path: [`‹bucket ${bucket}›`], query: { ...query, prefix: key, 'encoding-type': 'url' } })
  const remove = (query: Record<string, string>) => ask(voice, names, { method: 'DELETE', path: at, query })
  if (bucket === 'plain') await remove({})
  else for (const versionId of idsIn(await listed({ versions: '' }), 'VersionId', key)) await remove({ versionId })
  for (const uploadId of idsIn(await listed({ uploads: '' }), 'UploadId', key)) await remove({ uploadId })
}

function idsIn({ body }: Response, id: 'VersionId' | 'UploadId', key: string): string[] {
  const fields = flatXml(body, (_, text) => text)
  return Object.entries(fields).flatMap(([field, value]) => {
    if (!field.endsWith(`.${id}`)) return []
    const listed = decodeURIComponent((fields[field.replace(new RegExp(`${id}$`), 'Key')] ?? '').replaceAll('+', ' '))
    return listed === key ? [value] : []
  })
}
