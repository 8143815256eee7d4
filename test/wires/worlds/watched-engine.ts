import type { Bucket, Engine, Entry, Transaction } from '#local/servers/engine/model.ts'

/** One step of a change that was committed. */
export interface Step {
  readonly key: string
  /** `null`: it came. */
  readonly before: Entry | null
  /** `null`: it is gone for good. */
  readonly after: Entry | null
}

/** Told within the change, when it is on disk and before anything else can happen. */
export type Witness = (bucket: Bucket, steps: readonly Step[]) => void

/** The same engine, and somebody who sees each change of one of its buckets: what a cloud makes its events of. */
export function watched(engine: Engine, name: string, witness: Witness): Engine {
  return {
    ...engine,
    bucket(asked) {
      const bucket = engine.bucket(asked)
      return bucket === null || asked !== name ? bucket : watchedBucket(bucket, witness)
    },
  }
}

function watchedBucket(bucket: Bucket, witness: Witness): Bucket {
  return {
    name: bucket.name,
    createdMs: bucket.createdMs,
    get attributes() {
      return bucket.attributes
    },
    setAttributes: (attributes) => bucket.setAttributes(attributes),
    live: (key) => bucket.live(key),
    find: (key, id) => bucket.find(key, id),
    versions: (key) => bucket.versions(key),
    list: (query) => bucket.list(query),
    upload: (id) => bucket.upload(id),
    uploads: (prefix) => bucket.uploads(prefix),
    parts: (id) => bucket.parts(id),
    transact(act) {
      const steps: Step[] = []
      const answer = bucket.transact((change) => act(noted(change, steps)))
      if (steps.length > 0) witness(bucket, steps)
      return answer
    },
  }
}

function noted(change: Transaction, steps: Step[]): Transaction {
  return {
    live: (key) => change.live(key),
    newest: (key) => change.newest(key),
    find: (key, id) => change.find(key, id),
    versions: (key) => change.versions(key),
    nextOrder: () => change.nextOrder(),
    add(entry) {
      change.add(entry)
      steps.push({ key: entry.key, before: null, after: entry })
    },
    update(key, id, changed) {
      const before = change.find(key, id)
      change.update(key, id, changed)
      steps.push({ key, before, after: change.find(key, id) })
    },
    erase(key, id) {
      const before = change.find(key, id)
      change.erase(key, id)
      if (before !== null) steps.push({ key, before, after: null })
    },
    upload: (id) => change.upload(id),
    parts: (id) => change.parts(id),
    beginUpload: (upload) => change.beginUpload(upload),
    putPart: (id, part) => change.putPart(id, part),
    endUpload: (id) => change.endUpload(id),
  }
}
