import { createHash, timingSafeEqual } from 'node:crypto'
import type { Lookup } from './preconditions.ts'
import { refuse } from './refusals.ts'

export interface Access {
  /** `null`: any that is not empty. */
  readonly tokens: readonly string[] | null
  /** Whether a request without credentials is let in too; one with wrong ones never is. */
  readonly anonymous: boolean
}

export function admit(access: Access, header: Lookup): void {
  const authorization = header('authorization')
  if (authorization === null) {
    if (!access.anonymous) refuse('loginRequired', undefined, { type: 'header', name: 'Authorization' })
    return
  }
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
  const known = access.tokens === null ? token !== '' : access.tokens.some((one) => isSame(one, token))
  if (!known) refuse('tokenInvalid', undefined, { type: 'header', name: 'Authorization' })
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
