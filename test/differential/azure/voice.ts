import type { Request, Voice } from '#test/differential/operation.ts'
import { raw, type Site } from '#test/local/azure/raw.ts'

export function azureVoice(site: Site): Voice {
  return {
    base: `${site.origin}/${site.account}`,
    async send({ method, path, query, headers, body }: Request) {
      const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      const at = `/${path.map(encodeURIComponent).join('/')}`
      return raw(site, method, at, { query: text.join('&'), headers, body: Buffer.from(body) })
    },
  }
}
