import { sendPlain } from '#test/differential/http.ts'
import type { Request, Voice } from '#test/differential/operation.ts'

/** A path that is one address alone is a session's: it goes out as the server gave it. */
export function gcsVoice(url: string, token: string): Voice {
  return {
    send({ method, path, query, headers, body }: Request) {
      const [first = ''] = path
      const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      const target = first.startsWith('http')
        ? first.replace(/^https?:\/\/[^/]+/, '')
        : `/${path.map(encodeURIComponent).join('/')}`
      const asked = text.length === 0 ? target : `${target}?${text.join('&')}`
      return sendPlain(url, method, asked, { authorization: `Bearer ${token}`, ...headers }, body)
    },
  }
}
