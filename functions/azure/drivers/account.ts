import { Failure } from '#shared/kernel/failure.ts'
import type { AzureStoreOptions } from './object-store.ts'
import { Wire } from './wire.ts'

/**
 * Refuses an account whose folders are real: it lists `/` before all else, an order that no merge here knows, and keeps no versions.
 * For whoever puts a site into a group; one request.
 */
export async function refuseHierarchical(
  { container, site, clock }: Pick<AzureStoreOptions, 'container' | 'site' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  const wire = new Wire({ container, site, clock, rule: null })
  const asked = wire.asked('look at the account', null, false)
  const { isHierarchicalNamespaceEnabled } = await wire.ask(asked, signal, (abortSignal) =>
    container.getAccountInfo({ abortSignal }),
  )
  if (isHierarchicalNamespaceEnabled !== true) return
  const message = `${site}: the account of ${container.containerName} has a hierarchical namespace, expected a flat one; use another account`
  throw new Failure('invalid', message, { site, scope: 'site' })
}
