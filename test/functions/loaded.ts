/** Prints which SDKs a function in AWS has loaded once it has started and has asked the store of this site; `none` asks no store. */
import { registerHooks } from 'node:module'

const sdks = [
  '@aws-sdk/client-s3',
  '@aws-sdk/client-sts',
  '@azure/identity',
  '@azure/storage-blob',
  '@google-cloud/storage',
  'google-auth-library',
]
const loaded = new Set<string>()

registerHooks({
  resolve: (specifier, context, next) => {
    if (sdks.includes(specifier) && context.parentURL?.includes('/functions/')) loaded.add(specifier)
    return next(specifier, context)
  },
})

const [, , site = 'none'] = process.argv
const [{ loadConfig }, { coreFor }, { storesFor }, { siteId }, { parseKey }] = await Promise.all([
  import('#functions/config.ts'),
  import('#functions/runtime.ts'),
  import('#functions/stores.ts'),
  import('#shared/kernel/ids.ts'),
  import('#shared/kernel/key.ts'),
])
const config = await loadConfig(process.env)
const environment = { ISOBAR_SITE_AWS_ACCESS_KEY_ID: '', AWS_REGION: 'eu-central-1' }
const core = await coreFor(config, await storesFor(config, { platform: 'aws', environment }))
if (site !== 'none') {
  // It has no network to go by: the request is given up at once, and what it needed was loaded before.
  await core
    .store(siteId(site))
    .head(parseKey('k'), AbortSignal.timeout(1_500))
    .catch(() => undefined)
}
process.stdout.write(JSON.stringify([...loaded].toSorted()))
process.exit(0)
