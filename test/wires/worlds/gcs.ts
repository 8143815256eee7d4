import { gcsClient } from '#gcp/drivers/client.ts'
import { gcsStore } from '#gcp/drivers/object-store.ts'
import type { Entry } from '#local/servers/engine/model.ts'
import { gcsFace } from '#local/servers/gcs/face.ts'
import { factsOf } from '#local/servers/gcs/facts.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { sizes } from '#test/simulation/ground.ts'
import { controlBucket, type Embedded, type EmbeddedCloud, type EmbeddedOptions, ownBucket } from './embedded.ts'
import { gcsUser } from './gcs-user.ts'
import type { Reading } from './happenings.ts'

const token = 'worlds'

export const gcs: EmbeddedCloud = { watch: ownBucket, read: () => read, open }

async function open({ plan, engine, now, hashing }: EmbeddedOptions): Promise<Embedded> {
  const face = await gcsFace({ engine, now, tokens: [token], paced: plan.paced })
  // Users come in by a door of their own, where nobody counts: the world has no word for a user's write that must wait a second. To an
  // endpoint the SDK's verbs send no credentials.
  const door = await gcsFace({ engine, now, anonymous: true })
  const storage = gcsClient({ endpoint: face.url, token })
  for (const name of [ownBucket, controlBucket]) {
    const body = JSON.stringify({ name, versioning: { enabled: name === ownBucket && plan.versioned } })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    await fetch(`${face.url}/storage/v1/b?project=worlds`, { method: 'POST', headers, body })
  }
  const site = siteId(plan.id)
  const control = { bucket: controlBucket }
  const { pageMax, partBytesMin } = sizes
  return {
    user: gcsUser(gcsClient({ endpoint: door.url }).bucket(ownBucket)),
    drivers(clock) {
      const common = { storage, site, control, hashing, clock, pageMax, partBytesMin }
      return {
        own: gcsStore({ ...common, bucket: ownBucket, versioned: plan.versioned }),
        control: gcsStore({ ...common, bucket: controlBucket, versioned: false }),
      }
    },
    async close() {
      await Promise.all([face.close(), door.close()])
    },
  }
}

/** Where an object of another cloud has tags, here they lie in an entry of metadata. */
const tagsEntry = 'isobarbeside'

function read(entry: Entry): Reading {
  const { id, dateMs } = entry
  const { fields, metadata, componentCount } = factsOf(entry)
  const { [tagsEntry]: beside = '{}', ...own } = metadata
  const { tags = [] } = JSON.parse(beside) as { readonly tags?: readonly (readonly [string, string])[] }
  return {
    id,
    dateMs,
    inParts: componentCount !== null,
    softDeleted: false,
    headers: { contentType: fields.contentType ?? '' },
    metadata: own,
    tags: Object.fromEntries(tags),
  }
}
