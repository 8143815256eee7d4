import type { Bucket, Engine } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import type { Request } from '#local/servers/http/serve.ts'
import type { Account } from './accounts.ts'
import type { HeaderLookup } from './conditions.ts'
import { Refusal } from './errors.ts'
import { type Address, bucketName } from './names.ts'

/** What all requests share. */
export interface Service {
  readonly engine: Engine
  readonly accounts: ReadonlyMap<string, Account>
  now(): number
  /** Scheme, host and port, without a slash. */
  origin(): string
}

/** One request whose caller may make it. */
export interface Call {
  readonly service: Service
  readonly account: Account
  readonly address: Address
  readonly request: Request
  /** Names in small letters. */
  readonly query: ReadonlyMap<string, string>
  readonly header: HeaderLookup
  /** One moment for all that the request does. */
  readonly nowMs: number
}

/**
 * Where a request names a container, this is it, unless it is being deleted. Asked anew before each change and after each body, with nothing
 * in between: so the engine never has to say that it is gone, and who came late is answered as the next one would be.
 */
export function containerOf({ service, address }: Pick<Call, 'service' | 'address'>): Bucket {
  const bucket = service.engine.bucket(bucketName(address.account, address.container))
  if (bucket === null || bucket.attributes['deleting'] === true) throw new Refusal('ContainerNotFound')
  return bucket
}

export function said(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: null }
}

export function saidInXml(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body }
}

/** As headers show dates: whole seconds. */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString()
}

export function quoted(etag: string): string {
  return `"${etag}"`
}
