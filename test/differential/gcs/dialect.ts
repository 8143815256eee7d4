import { ask, expectOk } from '#test/differential/ask.ts'
import type { Dialect, Names, Voice } from '#test/differential/operation.ts'
import { Stream } from '#test/simulation/random.ts'
import { assignedByGcs, readGcs } from './answers.ts'
import { draw, objectsOf } from './draw.ts'
import { learnGcs } from './learn.ts'
import { buckets, GcsState } from './state.ts'

/** Cloud Storage's JSON API, in two buckets: one keeps generations, one does not. */
export function gcsDialect(seed: number): Dialect<GcsState> {
  return {
    wire: 'gcs',
    async prepare(voice, names, tag) {
      for (const bucket of [...buckets, 'missing'])
        names.bind(`bucket ${bucket}`, `isobar-differential-${tag}-${bucket}`)
      for (const bucket of buckets) {
        const body = JSON.stringify({ name: `‹bucket ${bucket}›`, versioning: { enabled: bucket === 'versioned' } })
        const headers = { 'content-type': 'application/json' }
        const asking = { method: 'POST', path: ['storage', 'v1', 'b'], query: { project: 'isobar' }, headers, body }
        await expectOk(voice, names, asking)
      }
    },
    begin: () => new GcsState(new Stream(seed, 'gcs')),
    draw,
    assigned: assignedByGcs,
    read: readGcs,
    learn: learnGcs,
    drop,
    forget: (state, bucket, key) => state.forget(bucket, key),
  }
}

/** By what the server itself lists, for the two have parted company over this key. */
async function drop(voice: Voice, names: Names, bucket: string, key: string): Promise<void> {
  const query = { versions: 'true', prefix: key }
  const { body } = await ask(voice, names, { method: 'GET', path: objectsOf(bucket), query })
  const { items = [] } = JSON.parse(body.toString()) as { items?: { name: string; generation: string }[] }
  for (const { name, generation } of items) {
    if (name !== key) continue
    await ask(voice, names, { method: 'DELETE', path: [...objectsOf(bucket), key], query: { generation } })
  }
}
