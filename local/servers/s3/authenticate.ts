import type { Address } from './address.ts'
import { argumentRefused, Refusal } from './errors.ts'
import { algorithm, sameSignature, type Scope, signatureOf, type Signer, signerOf } from './signature.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The head of a request: everything but its body. */
export interface Head {
  readonly method: string
  readonly address: Address
  /** By names in lower case; values are bytes of Latin-1, several of one name joined by commas. */
  readonly headers: ReadonlyMap<string, string>
}

/** What a request proved of itself. */
export interface Signed {
  readonly signer: Signer
  /** From which the chunks of the body go on. */
  readonly signature: string
  /** What it says of its body: a SHA-256 in hex, or the name of a form. */
  readonly payload: string
}

export interface Gate {
  readonly credentials: readonly Credentials[]
  readonly region: string
  readonly nowMs: number
  readonly skewMaxMs: number
}

export const skewMs: number = 15 * 60 * 1000

/** How a signature came, in whichever of its two places. */
interface Claim {
  readonly accessKeyId: string
  readonly scope: Scope
  readonly signedHeaders: readonly string[]
  readonly signature: string
  readonly time: string
  readonly payload: string
  readonly expiresSeconds: number | null
}

/** Lets a request in or refuses it, before any of its body is read. */
export function authenticate(head: Head, gate: Gate): Signed {
  const claim = claimOf(head)
  const known = gate.credentials.find(({ accessKeyId }) => accessKeyId === claim.accessKeyId)
  if (known === undefined) {
    const details = { AWSAccessKeyId: claim.accessKeyId }
    throw new Refusal('InvalidAccessKeyId', 'The access key id is not one that this server knows.', details)
  }
  checkScope(claim, gate.region)
  checkTime(claim, gate)
  checkCoverage(head, claim)
  const signer = signerOf(known.secretAccessKey, claim.time, claim.scope)
  const headers = claim.signedHeaders.map((name) => [name, head.headers.get(name) ?? ''] as const)
  const { method, address } = head
  const own = signatureOf(signer, { method, address, headers, payload: claim.payload, without: 'X-Amz-Signature' })
  if (!sameSignature(claim.signature, own)) {
    const details = { AWSAccessKeyId: claim.accessKeyId, SignatureProvided: claim.signature }
    throw new Refusal('SignatureDoesNotMatch', 'The signature is not the one that this server calculates.', details)
  }
  return { signer, signature: claim.signature, payload: claim.payload }
}

function claimOf(head: Head): Claim {
  const authorization = head.headers.get('authorization')
  const presigned = head.address.query.query.some(
    ({ name }) => name === 'X-Amz-Algorithm' || name === 'X-Amz-Signature',
  )
  if (authorization !== undefined && presigned) {
    throw argumentRefused('Authorization', authorization, 'a signature in the headers or in the query, not both')
  }
  if (presigned) return presignedClaim(head)
  if (authorization === undefined) throw new Refusal('AccessDenied', 'Access Denied: the request is not signed.')
  return headerClaim(head, authorization)
}

function headerClaim({ headers }: Head, authorization: string): Claim {
  if (!authorization.startsWith(`${algorithm} `)) {
    throw new Refusal('InvalidRequest', `The authorization mechanism is not supported: use ${algorithm}.`)
  }
  const fields = new Map(
    authorization
      .slice(algorithm.length)
      .split(',')
      .map((field) => [field.slice(0, field.indexOf('=')).trim(), field.slice(field.indexOf('=') + 1).trim()]),
  )
  const field = (name: string): string => {
    const value = fields.get(name)
    if (value === undefined) throw new Refusal('AuthorizationHeaderMalformed', `Authorization: found no ${name}.`)
    return value
  }
  const [accessKeyId, scope] = credentialOf(field('Credential'), 'AuthorizationHeaderMalformed')
  const payload = headers.get('x-amz-content-sha256')
  if (payload === undefined) {
    throw new Refusal(
      'InvalidRequest',
      'x-amz-content-sha256: found none, expected what the signature covers of the body',
    )
  }
  return {
    accessKeyId,
    scope,
    signedHeaders: field('SignedHeaders').split(';'),
    signature: field('Signature'),
    time: timeOf(headers),
    payload,
    expiresSeconds: null,
  }
}

function presignedClaim({ headers, address: { query } }: Head): Claim {
  const field = (name: string): string => {
    const value = query.parameter(name)
    if (value === null) throw new Refusal('AuthorizationQueryParametersError', `A presigned address needs ${name}.`)
    return value
  }
  if (field('X-Amz-Algorithm') !== algorithm) {
    throw new Refusal('AuthorizationQueryParametersError', `X-Amz-Algorithm: expected ${algorithm}`)
  }
  const [accessKeyId, scope] = credentialOf(field('X-Amz-Credential'), 'AuthorizationQueryParametersError')
  const expires = field('X-Amz-Expires')
  if (!/^[1-9]\d{0,5}$/.test(expires) || Number(expires) > 604_800) {
    const message = `X-Amz-Expires: found ${JSON.stringify(expires)}, expected 1 to 604800 seconds`
    throw new Refusal('AuthorizationQueryParametersError', message)
  }
  return {
    accessKeyId,
    scope,
    signedHeaders: field('X-Amz-SignedHeaders').split(';'),
    signature: field('X-Amz-Signature'),
    time: field('X-Amz-Date'),
    payload: headers.get('x-amz-content-sha256') ?? query.parameter('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
    expiresSeconds: Number(expires),
  }
}

type Malformed = 'AuthorizationHeaderMalformed' | 'AuthorizationQueryParametersError'

function credentialOf(text: string, code: Malformed): [accessKeyId: string, Scope] {
  const fields = text.split('/')
  const [day, region, service, end] = fields.slice(-4)
  const accessKeyId = fields.slice(0, -4).join('/')
  if (
    accessKeyId === '' ||
    day === undefined ||
    region === undefined ||
    service === undefined ||
    end !== 'aws4_request'
  ) {
    throw new Refusal(code, `Credential: found ${JSON.stringify(text)}, expected <id>/<day>/<region>/s3/aws4_request`)
  }
  return [accessKeyId, { day, region, service }]
}

/** `x-amz-date`, or `Date` in either of the forms in use. */
function timeOf(headers: ReadonlyMap<string, string>): string {
  const text = headers.get('x-amz-date') ?? headers.get('date')
  if (text !== undefined && /^\d{8}T\d{6}Z$/.test(text)) return text
  const ms = Date.parse(text ?? '')
  if (Number.isNaN(ms)) throw new Refusal('AccessDenied', 'A signature needs a valid Date or x-amz-date header.')
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

function checkScope({ scope, time, expiresSeconds }: Claim, region: string): void {
  const code = expiresSeconds === null ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError'
  if (scope.service !== 's3') throw new Refusal(code, `Credential: found service ${scope.service}, expected s3`)
  if (scope.region !== region) {
    throw new Refusal(code, `Credential: found region ${scope.region}, expected ${region}`, { Region: region })
  }
  if (!time.startsWith(scope.day))
    throw new Refusal(code, `Credential: found day ${scope.day}, expected that of ${time}`)
}

function checkTime({ time, expiresSeconds }: Claim, { nowMs, skewMaxMs }: Gate): void {
  const signedMs = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(signedMs)) throw new Refusal('AccessDenied', `Date: found ${JSON.stringify(time)}`)
  const serverTime = { ServerTime: new Date(nowMs).toISOString() }
  if (expiresSeconds === null) {
    if (Math.abs(nowMs - signedMs) <= skewMaxMs) return
    const details = { RequestTime: time, ...serverTime, MaxAllowedSkewMilliseconds: skewMaxMs }
    const message = 'The clocks of client and server differ by more than 15 minutes: set the client’s.'
    throw new Refusal('RequestTimeTooSkewed', message, details)
  }
  if (signedMs - nowMs > skewMaxMs) throw new Refusal('AccessDenied', 'The link is dated in the future.', serverTime)
  const endMs = signedMs + expiresSeconds * 1000
  if (nowMs <= endMs) return
  const details = { 'X-Amz-Expires': expiresSeconds, Expires: new Date(endMs).toISOString(), ...serverTime }
  throw new Refusal('AccessDenied', 'The link has expired: ask for another.', details)
}

/** What nobody signed, anybody on the way could have added: `host` and every `x-amz-` header must be covered. */
function checkCoverage({ headers }: Head, { signedHeaders, expiresSeconds }: Claim): void {
  const implied = expiresSeconds === null ? [] : ['x-amz-content-sha256']
  const open = [...headers.keys()].filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && ![...signedHeaders, ...implied].includes(name),
  )
  if (open.length === 0 && signedHeaders.includes('host')) return
  const details = { HeadersNotSigned: open.join(', ') }
  throw new Refusal('AccessDenied', 'The signature leaves out host or a header that begins with x-amz-.', details)
}
