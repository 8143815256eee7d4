import type { Storage } from '@google-cloud/storage'

/** One request of the JSON API. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Each is one segment of the URL, not yet encoded. */
  readonly path: readonly string[]
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Sent
}

export interface Sent {
  readonly type: string
  readonly size: number
  open(): AsyncIterable<Uint8Array>
}

/** From the endpoint alone: the SDK's own base loses a part of its path to an environment variable. */
export function addressOf({ apiEndpoint }: Storage, { path, query = {} }: Request): string {
  const asked = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${apiEndpoint}/${path.map(encodeURIComponent).join('/')}${asked.length === 0 ? '' : `?${asked.join('&')}`}`
}

/** Whether this names exactly what was asked for: no segment more, none less, and each parameter as it was said. */
export function isAddressOf(url: URL, { apiEndpoint }: Storage, { path, query = {} }: Request): boolean {
  const endpoint = new URL(apiEndpoint)
  const base = endpoint.pathname.replace(/\/+$/, '')
  const inPath = url.origin === endpoint.origin && url.pathname.startsWith(`${base}/`)
  const found = inPath ? segmentsOf(url.pathname.slice(base.length + 1)) : []
  const same = found.length === path.length && found.every((segment, i) => segment === path[i])
  return same && Object.entries(query).every(([name, value]) => url.searchParams.get(name) === value)
}

function segmentsOf(pathname: string): readonly string[] {
  try {
    return pathname.split('/').map(decodeURIComponent)
  } catch {
    return []
  }
}
