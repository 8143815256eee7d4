import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Request } from '#local/servers/http/serve.ts'
import type { Target } from '#local/servers/http/target.ts'
import type { Account } from './accounts.ts'

/** In the order in which they are signed. */
const signedHeaders = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
] as const

/** Whether this account's key signed this request. */
export function isSignedBy(account: Account, request: Request, target: Target, signature: string): boolean {
  return orders.some((order) => equal(sign(account.key, stringToSign(account, request, target, order)), signature))
}

export function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('base64')
}

export function equal(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

type Order = (a: string, b: string) => number

function stringToSign(account: Account, { method, headers }: Request, target: Target, order: Order): string {
  const value = (name: string) => {
    const found = headers[name]
    const text = Array.isArray(found) ? found.join(',') : (found ?? '')
    // An empty body is signed as one of no length; a Date is not signed where x-ms-date is.
    if (name === 'content-length' && text === '0') return ''
    return name === 'date' && headers['x-ms-date'] !== undefined ? '' : text
  }
  const own = Object.keys(headers).filter((name) => name.startsWith('x-ms-'))
  const canonical = own.toSorted(order).map((name) => `${name}:${value(name).trim()}\n`)
  const lines = [method.toUpperCase(), ...signedHeaders.map(value)].join('\n')
  return `${lines}\n${canonical.join('')}${resourceOf(account, target)}`
}

function resourceOf({ name }: Account, { rawPath, query }: Target): string {
  const values = new Map<string, string[]>()
  for (const one of query) {
    const key = one.name.toLowerCase()
    values.set(key, [...(values.get(key) ?? []), one.value])
  }
  const lines = [...values]
    .toSorted(([a], [b]) => byCode(a, b))
    .map(([key, all]) => `\n${key}:${all.toSorted().join(',')}`)
  return `/${name}${rawPath}${lines.join('')}`
}

function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * The documentation sorts header names by their letters; the service sorts them as .NET sorts words in English, which skips `-` and
 * puts `_` before digits. The two differ where metadata names have underscores, and clients do either: both are taken.
 */
const orders: readonly Order[] = [asWords, byCode]

function asWords(a: string, b: string): number {
  const [one, other] = [weights(a), weights(b)]
  for (let i = 0; i < Math.min(one.length, other.length); i++) if (one[i] !== other[i]) return one[i]! - other[i]!
  return one.length - other.length || byCode(a, b)
}

function weights(name: string): number[] {
  return name.replace(/['-]/g, '').split('').map(weight)
}

function weight(letter: string): number {
  const code = letter.charCodeAt(0)
  if (/[a-z]/.test(letter)) return 2000 + code
  if (/[0-9]/.test(letter)) return 1000 + code
  return letter === '+' ? 999 : code
}
