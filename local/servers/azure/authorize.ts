import type { Request } from '#local/servers/http/serve.ts'
import type { Target } from '#local/servers/http/target.ts'
import type { Account } from './accounts.ts'
import { Refusal } from './errors.ts'
import type { Address } from './names.ts'
import { grantOf, mustGrant } from './sas.ts'
import { isSignedBy } from './shared-key.ts'

export interface Asked {
  readonly request: Request
  readonly target: Target
  readonly address: Address
  readonly nowMs: number
}

/** Who signs for a moment this far off is refused. */
export const skewMs: number = 15 * 60 * 1000

/** Names the account that may do what is asked, by its key or by a SAS; throws where nobody may. */
export function authorized(accounts: ReadonlyMap<string, Account>, asked: Asked, skewMaxMs: number): Account {
  const account = accounts.get(asked.address.account)
  const authorization = asked.request.headers.authorization
  if (authorization === undefined) {
    if (account === undefined) throw new Refusal('ResourceNotFound')
    if (asked.target.parameter('sig') === null) throw new Refusal('NoAuthenticationInformation')
    mustGrant(grantOf(account, asked.address, asked.target, asked.nowMs), lettersFor(asked))
    return account
  }
  const [, name, signature] = /^SharedKey ([a-z0-9-]+):([A-Za-z0-9+/=]+)$/.exec(authorization) ?? []
  if (name === undefined || signature === undefined) throw new Refusal('InvalidAuthenticationInfo')
  const signer = accounts.get(name)
  if (signer === undefined || !isSignedBy(signer, asked.request, asked.target, signature)) {
    throw new Refusal('AuthenticationFailed')
  }
  refuseSkew(asked, skewMaxMs)
  if (signer !== account) throw new Refusal('AuthorizationFailure')
  return signer
}

function refuseSkew({ request: { headers }, nowMs }: Asked, skewMaxMs: number): void {
  const stated = headers['x-ms-date'] ?? headers.date
  const statedMs = Date.parse(String(stated))
  if (!(Math.abs(statedMs - nowMs) <= skewMaxMs)) throw new Refusal('AuthenticationFailed')
}

/** Of the letters of a SAS, those any of which will do. */
function lettersFor({ request: { method }, target, address }: Asked): string {
  const comp = target.parameter('comp')
  const restype = target.parameter('restype')
  if (address.blob === '' && !(restype === 'container' && comp === 'list')) return ''
  if (comp === 'list') return 'l'
  if (comp === 'tags') return 't'
  if (method === 'GET' || method === 'HEAD') return 'r'
  if (method === 'DELETE') return target.parameter('versionid') === null ? 'd' : 'x'
  if (comp === 'legalhold' || comp === 'immutabilitypolicies') return 'i'
  return comp === null || comp === 'block' || comp === 'blocklist' || comp === 'snapshot' ? 'wc' : 'w'
}
