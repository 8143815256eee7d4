import type { Clock } from '#shared/kernel/clock.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { siteId } from '#shared/kernel/ids.ts'
import { faulty } from '#shared/layers/faulty.ts'
import { limited } from '#shared/layers/limited.ts'
import { retrying } from '#shared/layers/retrying.ts'
import { timed } from '#shared/layers/timed.ts'
import { traced } from '#shared/layers/traced.ts'
import { MemoryBucket } from '#shared/memory/bucket.ts'
import * as profiles from '#shared/memory/profiles.ts'
import { memoryStore } from '#shared/memory/store.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { TestClock } from '#test/layers/test-clock.ts'
import { objectStoreContract } from './object-store.ts'
import type { Lossy, Subject } from './subject.ts'

const clouds = { s3: profiles.s3, azure: profiles.azure, gcs: profiles.gcs }

async function subjectOf(profile: profiles.Profile, paced: boolean): Promise<Subject> {
  const hashing = await loadHashing()
  const clock = new TestClock()
  const bucket = new MemoryBucket({ site: siteId('here'), profile, hashing, now: () => clock.tick(), paced })
  const store = memoryStore({ bucket, clock, chunkBytes: 3 })
  return {
    store,
    hashing,
    clock,
    forbidden: faulty(store, clock, () => ({ fault: 'refused', kind: 'denied' })),
    nowhere: faulty(store, clock, () => ({ fault: 'refused', kind: 'denied' })),
    lossy: lossyOf(store, clock),
    paced,
    equalBytesSatisfy: profile.naming === 'etag',
    checksCommits: profile.digestsParts,
    versionsBeyondPage: 12,
  }
}

/** Memory has no way on which anything is lost: the layer that the simulation loses answers with stands in for it. */
function lossyOf(store: ObjectStore, clock: Clock): Lossy {
  let loses = false
  return {
    store: faulty(store, clock, () => ({ fault: loses ? 'answer-lost' : 'none' })),
    async losing(act) {
      loses = true
      try {
        return await act()
      } finally {
        loses = false
      }
    },
  }
}

/** Every layer in its right order: a store behind them keeps the same laws. */
async function layeredSubjectOf(profile: profiles.Profile): Promise<Subject> {
  const subject = await subjectOf(profile, false)
  const { clock } = subject
  const sound = faulty(subject.store, clock, () => ({ fault: 'none' }))
  const counted = limited(
    traced(sound, clock, () => undefined),
    4,
  )
  const bounded = timed(counted, clock, { lookMs: 2000, writeMs: 45_000 })
  const options = { clock, random: { next: () => 0.5 }, attempts: 3, pauseMs: 50, withinMs: 2000 }
  return { ...subject, store: retrying(bounded, options) }
}

for (const [name, cloud] of Object.entries(clouds)) {
  const small = profiles.resized(cloud, { partBytesMin: 16, pageMax: 10 })
  objectStoreContract(`memory as ${name}`, () => subjectOf(small, name === 'gcs'))
  objectStoreContract(`memory as ${name} without versions`, () => subjectOf(profiles.withoutHistory(small), false))
  objectStoreContract(`memory as ${name} behind every layer`, () => layeredSubjectOf(small))
}
