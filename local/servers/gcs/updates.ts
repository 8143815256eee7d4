import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketFactsOf } from './bucket-facts.ts'
import type { Call } from './call.ts'
import { change, type Cloud, entryNamed } from './cloud.ts'
import { type Facts, factsOf, type Said } from './facts.ts'
import { json } from './json.ts'
import { check, preconditionsOf } from './preconditions.ts'
import { generationAsked, isUnlocked } from './reads.ts'
import { resourceOf } from './resource.ts'
import { type ObjectBody, parseJson, parseObjectBody } from './said.ts'

/** Changes what is said of a generation, live or not; its bytes and its generation stay. */
export async function updateObject(
  cloud: Cloud,
  bucket: Bucket,
  key: string,
  call: Call,
  revise: (facts: Facts, body: ObjectBody) => Said,
): Promise<Answer> {
  const body = parseObjectBody(parseJson(await call.text()))
  const generation = generationAsked(call)
  const preconditions = preconditionsOf(call.query, 'if')
  const changed = change(cloud, bucket, key, (change) => {
    const entry = entryNamed(bucket, key, generation, change)
    check(preconditions, entry)
    const attributes = revised(factsOf(entry), revise(factsOf(entry), body), cloud.now(), isRetaining(bucket))
    change.update(key, entry.id, { attributes })
    return { ...entry, attributes } satisfies Entry
  })
  return json(resourceOf(call.base, bucket, changed, isUnlocked(call, changed)))
}

/** The end of an event-based hold begins the retention period anew. */
function revised(facts: Facts, said: Said, nowMs: number, retains: boolean): Facts {
  const released = facts.eventBasedHold === true && said.eventBasedHold !== true
  return {
    ...facts,
    ...said,
    metageneration: facts.metageneration + 1,
    updatedMs: Math.max(Math.floor(nowMs), facts.updatedMs),
    retainedFromMs: released && retains ? Math.floor(nowMs) : facts.retainedFromMs,
  }
}

function isRetaining(bucket: Bucket): boolean {
  return bucketFactsOf(bucket).retentionPeriod !== null
}
