import { Failure } from './failure.ts'
import { isId, type SiteId } from './ids.ts'
import type { Algorithm } from './digest.ts'
import type { Stamp } from './stamp.ts'
import { stampId } from './version.ts'

/** The metadata entry of a replica within a group. */
export const groupEntry = 'isobar'
/** The metadata entry of a replica that a route wrote. A group does not believe it, nor a route the other. */
export const routeEntry = 'isobarfrom'

export const markBytesMax = 200

/** The condition a replica was written under: `absent` may have slipped in over a deletion that nobody has looked for. */
export type Onto = 'absent' | 'over'

/** What every replica says of itself. It only says *this is not news*; it never grants authority. */
export interface Mark {
  readonly stamp: Stamp
  /** Digest of the key it was written to: a copy to another key carries the mark along. */
  readonly key: string
  readonly algorithm: Algorithm
  readonly content: string
  /** Digest of headers and user metadata, both entries left out. */
  readonly properties: string
  /** The target's clock when the write was sent; on a route 0, for nobody asks. */
  readonly writtenMs: number
  /** Drawn anew for each request sent. */
  readonly nonce: string
  readonly onto: Onto
}

const format = '1'
const algorithms: Readonly<Record<Algorithm, string>> = { crc64nvme: 'n', crc32c: 'c', md5: 'm' }

/** At most 200 bytes, so that it fits beside a user's metadata everywhere. */
export function writeMark(mark: Mark): string {
  const { stamp } = mark
  const text = [
    format,
    stamp.epoch.toString(36),
    stamp.timeMs.toString(36),
    stamp.origin,
    stamp.id,
    mark.key,
    algorithms[mark.algorithm] + mark.content,
    mark.properties,
    mark.writtenMs.toString(36),
    mark.nonce,
    mark.onto === 'absent' ? 'a' : 'o',
  ].join(';')
  if (stamp.id.includes(';'))
    throw new Failure('invalid', `mark: version ${stamp.id} of ${stamp.origin} has a ";" in it, which parts the fields`)
  if (text.length > markBytesMax) {
    throw new Failure(
      'invalid',
      `mark of version ${stamp.id} of ${stamp.origin}: found ${text.length} bytes, expected at most ${markBytesMax}`,
    )
  }
  return text
}

/** `newer`: written by a later Isobar; not ours to judge. `null`: no mark at all, whatever the entry says. */
export function readMark(text: string): Mark | 'newer' | null {
  const fields = text.split(';')
  const [number, epoch, time, origin, id, key, content, properties, written, nonce, onto] = fields
  if (number !== format) return /^(?:[2-9]|[1-9][0-9]+)$/.test(number!) ? 'newer' : null
  if (fields.length !== 11 || origin === undefined || !isId(origin) || !id || !key || !content || !properties || !nonce)
    return null
  const algorithm = (Object.keys(algorithms) as Algorithm[]).find((name) => algorithms[name] === content[0])
  const numbers = [epoch, time, written].map((digits) =>
    /^[0-9a-z]{1,11}$/.test(digits ?? '') ? parseInt(digits!, 36) : NaN,
  )
  if (algorithm === undefined || !numbers.every(Number.isSafeInteger) || (onto !== 'a' && onto !== 'o')) return null
  return {
    stamp: { epoch: numbers[0]!, timeMs: numbers[1]!, origin: origin as SiteId, id: stampId(id) },
    key,
    algorithm,
    content: content.slice(1),
    properties,
    writtenMs: numbers[2]!,
    nonce,
    onto: onto === 'a' ? 'absent' : 'over',
  }
}
