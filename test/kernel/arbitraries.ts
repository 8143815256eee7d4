import fc from 'fast-check'
import type { Algorithm } from '#shared/kernel/digest.ts'
import { type SiteId, siteId } from '#shared/kernel/ids.ts'
import type { Mark } from '#shared/kernel/mark.ts'
import type { Stamp } from '#shared/kernel/stamp.ts'
import { alive, dead, never, type Value } from '#shared/kernel/value.ts'
import { stampId } from '#shared/kernel/version.ts'

const origins: SiteId[] = [siteId('a'), siteId('b'), siteId('a-long-name-of-a-site-24')]

/** Few of each field, so that stamps meet. */
export const stamps: fc.Arbitrary<Stamp> = fc.record({
  epoch: fc.nat(1),
  timeMs: fc.constantFrom(0, 1000, 2000),
  origin: fc.constantFrom(...origins),
  id: fc.constantFrom('x', 'y', 'z').map(stampId),
})

export const values: fc.Arbitrary<Value> = fc.oneof(fc.constant(never), stamps.map(alive), stamps.map(dead))

const base64 = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Buffer.from(all).toString('base64'))
const contents: Record<Algorithm, fc.Arbitrary<string>> = { crc64nvme: base64(8), crc32c: base64(4), md5: base64(16) }

/** As long as the clouds' own names get. */
const ids = fc.oneof(
  fc
    .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(10_000))
    .map(([md5, parts]) => Buffer.from(md5).toString('hex') + (parts === 0 ? '' : `-${parts}`)),
  fc.nat(9_999_999).map((step) => `2026-11-25T01:02:03.${String(step).padStart(7, '0')}Z`),
  fc.nat(2 ** 31 - 1).map((low) => String(1_764_000_000_000_000 + low)),
)

const times = fc.integer({ min: 0, max: 4_102_444_800_000 })

export const marks: fc.Arbitrary<Mark> = fc.constantFrom<Algorithm>('crc64nvme', 'crc32c', 'md5').chain((algorithm) =>
  fc.record({
    stamp: fc.record({
      epoch: fc.nat(1_000_000),
      timeMs: times,
      origin: fc.constantFrom('a', 'aws', 'on-premises-2', 'x'.repeat(24)).map(siteId),
      id: ids.map(stampId),
    }),
    key: base64(8),
    algorithm: fc.constant(algorithm),
    content: contents[algorithm],
    properties: base64(8),
    writtenMs: times,
    nonce: fc.constantFrom('0123456789', 'zzzzzzzzzz', 'a1b2c3d4e5'),
    onto: fc.constantFrom('absent', 'over'),
  }),
)
