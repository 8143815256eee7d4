import { Refusal } from './errors.ts'

/** What a request's path names, in Azure's own reading of it. Empty where the path ends before. */
export interface Address {
  readonly account: string
  readonly container: string
  readonly blob: string
}

/**
 * Reads a decoded `/ACCOUNT/CONTAINER/BLOB` as Azure reads an address: `\` as `/`, `.` and `..` resolved (never above the account),
 * and without the dots that end a segment. So several addresses can name one blob: a client that cares must encode.
 */
export function addressOf(path: string): Address {
  if (unspeakable.test(path)) throw new Malformed()
  const [account = '', ...rest] = path.replaceAll('\\', '/').slice(1).split('/')
  const [container = '', ...segments] = resolved(rest)
  const blob = segments.map((segment) => segment.replace(/\.+$/, '')).join('/')
  if (blob.length > lettersMax) throw new Refusal('OutOfRangeInput')
  if (segments.length > segmentsMax) throw new Refusal('InvalidUri')
  return { account, container, blob }
}

const lettersMax = 1024
const segmentsMax = 254

/** What no address can hold, encoded or not: controls, private use, and U+FFFD. U+FFFE and U+FFFF it does hold, although XML does not. */
const unspeakable = /[\p{Cc}\uE000-\uF8FF\uFFFD]/u

/** Refused before the service sees it, with a page in HTML and none of the service's headers. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

function resolved(segments: readonly string[]): string[] {
  const kept: string[] = []
  for (const [index, segment] of segments.entries()) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
    // `a/.` and `a/..` end in the folder that they name.
    if ((segment === '..' || segment === '.') && index === segments.length - 1) kept.push('')
  }
  return kept
}

/** Three to 63 of small letters, digits and single dashes; `$root`, `$logs` and `$web` are Azure's own. */
export function checkContainerName(name: string): void {
  if (reserved.has(name)) return
  if (name.length < 3 || name.length > 63) throw new Refusal('OutOfRangeInput')
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new Refusal('InvalidResourceName')
}

const reserved: ReadonlySet<string> = new Set(['$root', '$logs', '$web'])

/** Two accounts may have containers of one name. */
export function bucketName(account: string, container: string): string {
  return `${account}/${container}`
}
