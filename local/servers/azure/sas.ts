import type { Target } from '#local/servers/http/target.ts'
import type { Account } from './accounts.ts'
import { Refusal } from './errors.ts'
import type { Address } from './names.ts'
import { equal, sign } from './shared-key.ts'

/** The letters that a service SAS grants, over what it grants them. */
export interface Grant {
  readonly permissions: string
}

/** Since this version the fields that are signed are these. */
const firstVersion = '2020-12-06'

/**
 * Reads a service SAS of a container, a blob or one of its versions or snapshots, signed with the account's key. Throws where it does not
 * hold, here or now; there are no stored policies and no account SAS.
 */
export function grantOf(account: Account, address: Address, target: Target, nowMs: number): Grant {
  const one = (name: string) => target.parameter(name) ?? ''
  const [version, resource] = [one('sv'), one('sr')]
  if (version < firstVersion || one('si') !== '') throw new Refusal('AuthenticationFailed')
  const named = namedBy(resource, address, target)
  const lines = [
    one('sp'),
    one('st'),
    one('se'),
    named.path,
    '',
    one('sip'),
    one('spr'),
    version,
    resource,
    named.moment,
  ]
  const overrides = ['ses', 'rscc', 'rscd', 'rsce', 'rscl', 'rsct'].map(one)
  const signature = sign(account.key, [...lines, ...overrides].join('\n'))
  if (!equal(signature, one('sig'))) throw new Refusal('AuthenticationFailed')
  const [startMs, endMs] = [Date.parse(one('st')), Date.parse(one('se'))]
  if (!(endMs > nowMs) || startMs > nowMs) throw new Refusal('AuthenticationFailed')
  // Nothing here speaks TLS.
  if (one('spr') === 'https') throw new Refusal('AuthorizationFailure')
  return { permissions: one('sp') }
}

function namedBy(
  resource: string,
  { account, container, blob }: Address,
  target: Target,
): { path: string; moment: string } {
  const folder = `/blob/${account}/${container}`
  const [snapshot, version] = [target.parameter('snapshot') ?? '', target.parameter('versionid') ?? '']
  switch (resource) {
    case 'c':
      return { path: folder, moment: '' }
    case 'b':
      return { path: `${folder}/${blob}`, moment: '' }
    case 'bs':
      return { path: `${folder}/${blob}`, moment: snapshot }
    case 'bv':
      return { path: `${folder}/${blob}`, moment: version }
    default:
      throw new Refusal('AuthenticationFailed')
  }
}

/** What a request needs of the letters, any of them. */
export function mustGrant({ permissions }: Grant, letters: string): void {
  if (!letters.split('').some((letter) => permissions.includes(letter)))
    throw new Refusal('AuthorizationPermissionMismatch')
}
