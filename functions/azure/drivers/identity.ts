/** Who we are to Azure, and how who we are in Azure is shown to the other clouds. Nothing here is a stored secret. */
import {
  AzureCliCredential,
  ClientAssertionCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity'

/** A token of the platform that we run on, made out to this audience. */
export type TokenFor = (audience: string) => Promise<string>

/** What the application with the federated credential is asked with; Microsoft fixes the word. */
const exchangeAudience = 'api://AzureADTokenExchange'

/** The function's own identity; the one named where it was given several. */
export function managedIdentity(clientId: string | undefined): TokenCredential {
  return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId })
}

/** Whoever is logged in on this machine with `az login`. */
export function loggedIn(tenantId: string | undefined): TokenCredential {
  return tenantId === undefined ? new AzureCliCredential() : new AzureCliCredential({ tenantId })
}

/** An application of the storage account's tenant, which trusts a token of the cloud that we run on. */
export function federatedApplication(
  { tenant, client }: { readonly tenant: string; readonly client: string },
  token: TokenFor,
): TokenCredential {
  return new ClientAssertionCredential(tenant, client, () => token(exchangeAudience))
}

/** Who we are in Azure as a token for others, made out to an application of our tenant. */
export function azureToken(clientId: string | undefined): TokenFor {
  const credential = managedIdentity(clientId)
  return async (audience) => (await credential.getToken(`${audience}/.default`))!.token
}
