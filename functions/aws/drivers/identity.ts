/** Who we are to AWS, and how who we are in AWS is shown to the other clouds. Nothing here is a stored secret. */
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetWebIdentityTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts'

export interface AwsIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiration: Date
}

/** A token of the platform that we run on, made out to this audience. */
export type TokenFor = (audience: string) => Promise<string>

export interface StsOptions {
  readonly region: string
}

/** No role was had, whoever would not give it: what was to be sent with it was not sent. `failure.ts` knows it by its name. */
class NoIdentity extends Error {
  override readonly name = 'NoIdentity'
}

/** How a role's sessions are named in AWS's own logs. */
const session = 'isobar'

/** Another account's role, taken with the identity that this function has in AWS. */
export function assumedRole(role: string, options: StsOptions): () => Promise<AwsIdentity> {
  const sts = client(options)
  return () =>
    granted(role, async () => {
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: session }))
      return Credentials
    })
}

/** A role taken with a token of another cloud; the role's trust policy says whose. It is made anew whenever the last one ends. */
export function federatedRole(
  role: string,
  audience: string,
  token: TokenFor,
  options: StsOptions,
): () => Promise<AwsIdentity> {
  const sts = client(options)
  return () =>
    granted(role, async () => {
      const WebIdentityToken = await token(audience)
      const asked = new AssumeRoleWithWebIdentityCommand({ RoleArn: role, RoleSessionName: session, WebIdentityToken })
      const { Credentials } = await sts.send(asked)
      return Credentials
    })
}

/** Who we are in AWS as a token for others: the account must have outbound identity federation switched on. */
export function awsToken(options: StsOptions): TokenFor {
  const sts = client(options)
  return async (audience) => {
    const asked = new GetWebIdentityTokenCommand({
      Audience: [audience],
      SigningAlgorithm: 'RS256',
      DurationSeconds: 300,
    })
    const { WebIdentityToken } = await sts.send(asked)
    if (WebIdentityToken === undefined) throw new Error(`AWS gave no token for ${audience}`)
    return WebIdentityToken
  }
}

/** The function's own credentials, for a cloud that has AWS itself confirm a signed request. */
export function awsSigner({ region }: StsOptions): {
  readonly region: string
  credentials(): Promise<{
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }>
} {
  const sts = client({ region })
  return { region, credentials: () => sts.config.credentials() }
}

function client({ region }: StsOptions): STSClient {
  const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }
  const requestHandler = { connectionTimeout: 2_000, requestTimeout: 5_000 }
  return new STSClient({ region, requestHandler, logger: silent })
}

async function granted(role: string, ask: () => Promise<Credentials | undefined>): Promise<AwsIdentity> {
  const found = await ask().catch((cause: unknown) => {
    throw new NoIdentity(`${role}: ${cause instanceof Error ? cause.message : 'no reason given'}`, { cause })
  })
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = found ?? {}
  if (
    AccessKeyId === undefined ||
    SecretAccessKey === undefined ||
    SessionToken === undefined ||
    Expiration === undefined
  ) {
    throw new NoIdentity(`${role}: AWS gave no credentials for it`)
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  }
}
