/** Who we are to Google, and how who we are at Google is shown to the other clouds. Nothing here is a stored secret. */
import { AwsClient, type AuthClient, Compute, GoogleAuth, IdentityPoolClient, Impersonated } from 'google-auth-library'

/** A token of the platform that we run on, made out to this audience. */
export type TokenFor = (audience: string) => Promise<string>

export interface FederationOptions {
  /** `projects/N/locations/global/workloadIdentityPools/POOL/providers/PROVIDER` */
  readonly provider: string
  /** The service account to act as; `null`: the pool's own principal. */
  readonly account: string | null
}

/** What AWS signs with; Google has AWS itself confirm what was signed. */
export interface Signer {
  readonly region: string
  credentials(): Promise<{
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }>
}

const scopes = ['https://www.googleapis.com/auth/devstorage.read_write']

export type GoogleIdentity = AuthClient | GoogleAuth

/** What the platform says we are, or who is logged in on this machine. */
export function ourselves(): GoogleIdentity {
  return new GoogleAuth({ scopes })
}

/** The same, for what is sent to topics and to Cloud Tasks. */
export function publisher(): GoogleAuth {
  return new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] })
}

/** Another service account, taken with the identity that the function has. */
export async function impersonated(account: string): Promise<AuthClient> {
  const sourceClient = await new GoogleAuth({
    scopes: ['https://www.googleapis.com/auth/cloud-platform'],
  }).getClient()
  return new Impersonated({ sourceClient, targetPrincipal: account, targetScopes: scopes, lifetime: 3600 })
}

export function federatedFromAws(options: FederationOptions, signer: Signer): AuthClient {
  return new AwsClient({
    ...common(options),
    subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    aws_security_credentials_supplier: {
      getAwsRegion: async () => signer.region,
      getAwsSecurityCredentials: async () => {
        const { accessKeyId, secretAccessKey, sessionToken } = await signer.credentials()
        return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { token: sessionToken }) }
      },
    },
  })
}

export function federatedByToken(options: FederationOptions, audience: string, token: TokenFor): AuthClient {
  return new IdentityPoolClient({
    ...common(options),
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    subject_token_supplier: { getSubjectToken: () => token(audience) },
  })
}

function common({ provider, account }: FederationOptions): Common {
  const impersonation = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account}:generateAccessToken`
  return {
    type: 'external_account',
    audience: `//iam.googleapis.com/${provider}`,
    scopes,
    ...(account === null ? {} : { service_account_impersonation_url: impersonation }),
  }
}

interface Common {
  readonly type: 'external_account'
  readonly audience: string
  readonly scopes: string[]
  readonly service_account_impersonation_url?: string
}

/** Who we are at Google as a token for others, from the platform's metadata server. */
export function googleToken(): TokenFor {
  const compute = new Compute()
  return (audience) => compute.fetchIdToken(encodeURIComponent(audience))
}
