/**
 * A function in one of the clouds, as a process of its own: what it sends to any host by https goes to one address on this machine instead, the
 * host that was meant told in `x-meant-for`. All else is what it would be: the SDKs, their own addresses, and `functions/stores.ts`.
 * It looks for one key at one site, and prints what it found, or how it failed.
 */
import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'

const [, , port = '', platform = '', site = ''] = process.argv
const agent = new http.Agent()

type Options = http.RequestOptions
type Answered = (answer: http.IncomingMessage) => void

function rerouted(first: string | URL | Options, ...rest: readonly unknown[]): http.ClientRequest {
  const callback = rest.find((one): one is Answered => typeof one === 'function')
  const more = rest.find((one): one is Options => typeof one === 'object' && one !== null) ?? {}
  const isAddress = typeof first === 'string' || first instanceof URL
  const { hostname, host, pathname, search } = isAddress ? new URL(first) : { ...first, pathname: '', search: '' }
  const options: Options = isAddress ? more : first
  const path = isAddress ? pathname + search : (options.path ?? '/')
  const headers = { ...(options.headers as http.OutgoingHttpHeaders), 'x-meant-for': hostname ?? host ?? '' }
  const { method, signal } = options
  const asked = { host: '127.0.0.1', port, path, headers, agent, method: method ?? 'GET' }
  return http.request(signal === undefined ? asked : { ...asked, signal }, callback)
}

https.request = rerouted
https.get = (...call: Parameters<typeof rerouted>) => {
  const request = rerouted(...call)
  request.end()
  return request
}
syncBuiltinESMExports()

const [{ loadConfig }, { storesFor }, { siteId }, { parseKey }] = await Promise.all([
  import('#functions/config.ts'),
  import('#functions/stores.ts'),
  import('#shared/kernel/ids.ts'),
  import('#shared/kernel/key.ts'),
])
const config = await loadConfig(process.env)
const stores = await storesFor(config, {
  platform: platform as 'aws' | 'azure' | 'gcp',
  environment: process.env,
})
const said = await stores
  .store(siteId(site))
  .head(parseKey('k'), AbortSignal.timeout(20_000))
  .then(
    (found) => ({ found }),
    ({ kind, message }: { kind: string; message: string }) => ({ kind, message }),
  )
process.stdout.write(JSON.stringify(said))
process.exit(0)
