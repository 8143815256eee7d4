import { gcsClient, type GcsClientOptions } from '#gcp/drivers/client.ts'
import { gcsStore, type GcsStoreOptions } from '#gcp/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import { gcsFace, type GcsFaceOptions } from '#local/servers/gcs/face.ts'
import type { ObjectStore } from '#shared/ports/object-store.ts'
import { type Proxy, tamperingProxy } from '#test/functions/drivers/tampering-proxy.ts'
import { engineOnDisk } from '#test/local/on-disk.ts'
import { hashing, site, token } from './scripted.ts'

export interface Raw {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface Embedded {
  /** What lies between the stores and the server. */
  readonly proxy: Proxy
  store(options?: Partial<GcsStoreOptions>, client?: Partial<GcsClientOptions>): ObjectStore
  /** Somebody else's request, straight to the server; it must be granted. */
  raw(method: string, target: string, said?: Raw): Promise<Response>
  close(): Promise<void>
}

/** The embedded server with the buckets `things`, which keeps versions, `plain`, which keeps none, and `yard`, for what is staged. */
export async function embedded(options: Partial<GcsFaceOptions> = {}): Promise<Embedded> {
  const engine = await engineOnDisk()
  const face = await gcsFace({ engine, now: Date.now, tokens: [token], ...options })
  const proxy = await tamperingProxy(face.port)
  const endpoint = proxy.url
  const raw = async (method: string, target: string, { headers = {}, body }: Raw = {}) => {
    const said = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }
    const answer = await fetch(face.url + target, { method, headers: said, ...(body === undefined ? {} : { body }) })
    if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  for (const name of ['things', 'plain', 'yard']) {
    const versioning = { enabled: name === 'things' }
    await raw('POST', '/storage/v1/b?project=p', { body: JSON.stringify({ name, versioning }) })
  }
  return {
    proxy,
    raw,
    store: (own = {}, client = {}) =>
      gcsStore({
        storage: gcsClient({ endpoint, token, ...client }),
        site,
        bucket: 'things',
        control: { bucket: 'yard' },
        hashing,
        clock: systemClock,
        versioned: own.bucket !== 'plain',
        ...own,
      }),
    async close() {
      proxy.close()
      await face.close()
      await engine.close()
    },
  }
}
