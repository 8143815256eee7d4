import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The token services of three clouds on loopback, and their stores. They enforce who may have a token for what; they check no signature. */
export interface TokenServices {
  readonly port: number
  /** What was asked, in order: `aws AssumeRole`, `google token`, ... */
  readonly asked: string[]
  close(): void
}

/** What the services were told to trust. */
export interface Trust {
  /** Of the role: `issuer audience subject`. */
  readonly role: readonly string[]
  readonly application: readonly string[]
  /** By provider. */
  readonly providers: Readonly<Record<string, readonly string[]>>
}

export const names = {
  role: 'arn:aws:iam::123456789012:role/isobar',
  lambda: 'arn:aws:iam::999999999999:role/lambda',
  tenant: '00000000-0000-4000-8000-000000000001',
  client: '00000000-0000-4000-8000-000000000002',
  account: 'isobar@project-1.iam.gserviceaccount.com',
  application: 'api://isobar',
  providers: {
    aws: 'projects/1/locations/global/workloadIdentityPools/isobar/providers/aws-functions',
    azure: 'projects/1/locations/global/workloadIdentityPools/isobar/providers/azure-functions',
  },
} as const

const issuers = {
  aws: 'https://0f1e2d3c.tokens.sts.global.api.aws',
  azure: `https://sts.windows.net/${names.tenant}/`,
  gcp: 'https://accounts.google.com',
} as const

const exchange = 'api://AzureADTokenExchange'

/** Where each thing is asked of AWS: who we are, where the function runs; a role, where the bucket is. */
const regions: Readonly<Record<string, string>> = {
  GetWebIdentityToken: 'us-west-2',
  AssumeRole: 'eu-central-1',
  AssumeRoleWithWebIdentity: 'eu-central-1',
}

/** As docs/providers.md says to set them up. */
export const trust: Trust = {
  role: [`${issuers.azure} ${names.application} managed`, `${issuers.gcp} ${names.role} 1234567890`],
  application: [
    `${issuers.aws} ${exchange} ${names.lambda}`,
    `${issuers.gcp} ${exchange} 1234567890`,
    `${issuers.azure} ${exchange} managed`,
  ],
  providers: {
    [names.providers.aws]: ['the signature of AWS'],
    [names.providers.azure]: [`${issuers.azure} ${names.application} managed`],
  },
}

interface Asked {
  readonly host: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: URLSearchParams
}

interface Answer {
  readonly status: number
  readonly body: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Anybody may write such a token; whom it is from is not what is tested here. */
function jwt(iss: string, aud: string, sub: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  return `${part({ alg: 'RS256' })}.${part({ iss, aud, sub, iat: now, exp: now + 300 })}.c2lnbmVk`
}

function claimsIn(token: string | null): string {
  try {
    const [, part = ''] = (token ?? '').split('.')
    const { iss, aud, sub } = JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, string>
    return `${iss} ${aud} ${sub}`
  } catch {
    return 'no token'
  }
}

const json = (value: object, status = 200): Answer => ({
  status,
  body: JSON.stringify(value),
  type: 'application/json',
})

export async function tokenServices(trusted: Trust = trust): Promise<TokenServices> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString()
      const host = String(request.headers['x-meant-for'] ?? 'this machine')
      const url = new URL(request.url ?? '/', 'http://any')
      const body = new URLSearchParams(text.startsWith('{') ? (JSON.parse(text) as Record<string, string>) : text)
      const {
        status,
        body: said,
        type,
        headers,
      } = answerTo({ host, url, headers: request.headers, body }, trusted, asked)
      response.writeHead(status, { 'content-type': type ?? 'text/xml', date: new Date().toUTCString(), ...headers })
      response.end(said)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, asked, close: () => server.close() }
}

function answerTo(request: Asked, trusted: Trust, asked: string[]): Answer {
  const { host, url, body } = request
  const note = (what: string) => void asked.push(what)
  if (/^sts\.[a-z0-9-]+\.amazonaws\.com$/.test(host)) {
    note(`aws ${body.get('Action')}`)
    return awsSts(request, trusted)
  }
  if (host === 'login.microsoftonline.com') return entra(request, trusted, note)
  if (host === 'sts.googleapis.com') {
    note('google token')
    return googleSts(request, trusted)
  }
  if (host === 'iamcredentials.googleapis.com') {
    note('google generateAccessToken')
    const allowed = url.pathname.includes(`/serviceAccounts/${names.account}:`) && bearer(request) !== ''
    if (!allowed) return json({ error: { code: 403, message: 'not yours', status: 'PERMISSION_DENIED' } }, 403)
    const expireTime = new Date(Date.now() + 3_600_000).toISOString()
    return json({ accessToken: `google-account of ${bearer(request)}`, expireTime })
  }
  if (url.pathname === '/msi/token') return managed(request, note)
  if (url.pathname.startsWith('/computeMetadata/')) return metadata(request, note)
  return store(request, note)
}

function awsSts({ body, headers, host }: Asked, trusted: Trust): Answer {
  const action = body.get('Action')
  const signed = /^AWS4-HMAC-SHA256 Credential=(\S+?)\/\d{8}\/([a-z0-9-]+)\/sts\//.exec(headers.authorization ?? '')
  const refuse = (code: string, status = 403): Answer => ({
    status,
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${code} for a test</Message></Error></ErrorResponse>`,
  })
  const grant = (result: string): Answer => ({
    status: 200,
    body: `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result></${action}Response>`,
  })
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  const credentials = (of: string) =>
    `<Credentials><AccessKeyId>${of}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session of ${of}</SessionToken><Expiration>${expires}</Expiration></Credentials>`
  if (host !== `sts.${regions[action ?? '']}.amazonaws.com`) return refuse('RegionDisabledException')
  if (action === 'AssumeRoleWithWebIdentity') {
    const claims = claimsIn(body.get('WebIdentityToken'))
    if (body.get('RoleArn') !== names.role || !trusted.role.includes(claims)) return refuse('AccessDenied')
    return signed === null ? grant(credentials('FEDERATED')) : refuse('InvalidAction', 400)
  }
  if (signed === null || !host.includes(`.${signed[2]}.`)) return refuse('MissingAuthenticationToken')
  if (action === 'AssumeRole')
    return body.get('RoleArn') === names.role ? grant(credentials('ASSUMED')) : refuse('AccessDenied')
  if (action !== 'GetWebIdentityToken') return refuse('InvalidAction', 400)
  const seconds = Number(body.get('DurationSeconds') ?? 300)
  const audience = body.get('Audience.member.1')
  if (body.get('SigningAlgorithm') !== 'RS256' || audience === null || seconds < 60 || seconds > 3_600) {
    return refuse('ValidationError', 400)
  }
  return grant(
    `<WebIdentityToken>${jwt(issuers.aws, audience, names.lambda)}</WebIdentityToken><Expiration>${expires}</Expiration>`,
  )
}

function entra({ url, body }: Asked, trusted: Trust, note: (what: string) => void): Answer {
  const base = `https://login.microsoftonline.com/${names.tenant}`
  if (url.pathname.includes('/discovery/instance')) {
    const metadata = [
      {
        preferred_network: 'login.microsoftonline.com',
        preferred_cache: 'login.windows.net',
        aliases: ['login.microsoftonline.com'],
      },
    ]
    return json({ tenant_discovery_endpoint: `${base}/v2.0/.well-known/openid-configuration`, metadata })
  }
  if (url.pathname.endsWith('/.well-known/openid-configuration')) {
    return json({
      token_endpoint: `${base}/oauth2/v2.0/token`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      issuer: `${base}/v2.0`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    })
  }
  note('azure token')
  const granted =
    url.pathname === `/${names.tenant}/oauth2/v2.0/token` &&
    body.get('grant_type') === 'client_credentials' &&
    body.get('client_id') === names.client &&
    body.get('scope')?.split(' ').includes('https://storage.azure.com/.default') === true &&
    body.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' &&
    trusted.application.includes(claimsIn(body.get('client_assertion')))
  if (!granted) {
    const error_description = 'AADSTS700213: No matching federated identity record found for a test.'
    return json({ error: 'invalid_client', error_description, error_codes: [700213] }, 401)
  }
  return json({ token_type: 'Bearer', expires_in: 3_599, ext_expires_in: 3_599, access_token: 'azure-application' })
}

function googleSts({ headers, body }: Asked, trusted: Trust): Answer {
  const refuse = (why: string) => json({ error: 'invalid_grant', error_description: why }, 400)
  const provider = (body.get('audience') ?? '').replace('//iam.googleapis.com/', '')
  const trusts = trusted.providers[provider]
  if (headers.authorization !== undefined) return refuse('an Authorization header')
  if (body.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:token-exchange') return refuse('the grant type')
  if (trusts === undefined) return refuse(`no provider ${provider}`)
  const subject = body.get('subject_token') ?? ''
  const isAws = body.get('subject_token_type') === 'urn:ietf:params:aws:token-type:aws4_request'
  if (!trusts.includes(isAws ? signatureIn(subject, provider) : claimsIn(subject))) return refuse('the subject token')
  return json({
    access_token: 'google-pool',
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 3_600,
  })
}

/** A request that AWS itself would answer with who signed it, and that is good for this provider alone. */
function signatureIn(subject: string, provider: string): string {
  const { url, method, headers } = JSON.parse(decodeURIComponent(subject)) as {
    url: string
    method: string
    headers: readonly { key: string; value: string }[]
  }
  const said = new Map(headers.map(({ key, value }) => [key.toLowerCase(), value]))
  const { host, search } = new URL(url)
  const sound =
    host === 'sts.us-west-2.amazonaws.com' &&
    search.includes('Action=GetCallerIdentity') &&
    method === 'POST' &&
    said.get('x-goog-cloud-target-resource') === `//iam.googleapis.com/${provider}` &&
    said.get('authorization')?.startsWith('AWS4-HMAC-SHA256 Credential=LAMBDA/') === true &&
    said.get('x-amz-security-token') === 'session of LAMBDA'
  return sound ? 'the signature of AWS' : 'no signature'
}

/** The identity endpoint of App Service and Functions. */
function managed({ url, headers }: Asked, note: (what: string) => void): Answer {
  const resource = url.searchParams.get('resource') ?? ''
  note(`managed identity ${resource}`)
  if (headers['x-identity-header'] !== 'of this run') return json({ statusCode: 401, message: 'no header' }, 401)
  const known = ['https://storage.azure.com', 'https://storage.azure.com/', names.application, exchange]
  if (!known.includes(resource)) return json({ statusCode: 400, message: `no resource ${resource}` }, 400)
  const access_token = resource.startsWith('https:') ? 'azure-managed' : jwt(issuers.azure, resource, 'managed')
  return json({
    access_token,
    expires_on: String(Math.floor(Date.now() / 1000) + 3_600),
    resource,
    token_type: 'Bearer',
  })
}

function metadata({ url, headers }: Asked, note: (what: string) => void): Answer {
  const flavor = { 'metadata-flavor': 'Google' }
  if (headers['metadata-flavor'] !== 'Google') return { status: 403, body: '', headers: flavor }
  const what = url.pathname.replace('/computeMetadata/v1/', '')
  if (what.endsWith('/identity')) {
    const audience = url.searchParams.get('audience') ?? ''
    note(`metadata identity ${audience}`)
    return { status: 200, body: jwt(issuers.gcp, audience, '1234567890'), type: 'application/text', headers: flavor }
  }
  if (what.endsWith('/token')) {
    note('metadata token')
    return { ...json({ access_token: 'google-metadata', expires_in: 3_599, token_type: 'Bearer' }), headers: flavor }
  }
  if (what === 'universe/universe-domain')
    return { status: 200, body: 'googleapis.com', type: 'application/text', headers: flavor }
  return { status: 200, body: '{}', type: 'application/json', headers: flavor }
}

/** Each cloud's store, to whom it knows: an object that is not there. */
function store({ host, url, headers }: Asked, note: (what: string) => void): Answer {
  const token = bearer({ headers })
  if (host === 'media.s3.eu-central-1.amazonaws.com') {
    const by = /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1] ?? 'nobody'
    if (url.pathname !== '/k') return { status: 200, body: '' } // Whether the bucket is there.
    note(`s3 as ${by}`)
    return { status: headers['x-amz-security-token'] === `session of ${by}` ? 404 : 403, body: '' }
  }
  if (host === 'acme.blob.core.windows.net') {
    note(`blob as ${token}`)
    const known = token.startsWith('azure-')
    return {
      status: known ? 404 : 401,
      body: '',
      headers: { 'x-ms-error-code': known ? 'BlobNotFound' : 'InvalidAuthenticationInfo' },
    }
  }
  note(`${host === 'storage.googleapis.com' ? 'gcs' : `${host}${url.pathname}`} as ${token}`)
  const message = token.startsWith('google-') ? 'No such object: media/k' : 'Anonymous caller'
  const code = token.startsWith('google-') ? 404 : 401
  return json({ error: { code, message, errors: [{ reason: code === 404 ? 'notFound' : 'required', message }] } }, code)
}

function bearer({ headers }: Pick<Asked, 'headers'>): string {
  return /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
}
