import type { Request } from '#local/servers/http/serve.ts'
import { small } from '#local/servers/http/small.ts'
import type { Target } from '#local/servers/http/target.ts'
import type { Lookup } from './preconditions.ts'

/** Far above any resource that a client sends, or any list of ten thousand parts. */
const documentBytesMax = 4 * 1024 * 1024

/** One request as the verbs see it: names are decoded, nothing else is believed. */
export interface Call {
  readonly query: Lookup
  readonly header: Lookup
  /** Those whose name begins so, without that beginning, in lower case. */
  headersBelow(prefix: string): readonly (readonly [name: string, value: string])[]
  readonly body: AsyncIterable<Uint8Array>
  /** The whole body as text, for documents. */
  text(): Promise<string>
  /** Where the client says that it has reached us: links in answers begin with it. */
  readonly base: string
}

export function callOf(request: Request, target: Target, url: string): Call {
  const { headers, body } = request
  const host = headers.host ?? ''
  return {
    query: (name) => target.parameter(name),
    header: (name) => headerOf(headers[name]),
    headersBelow: (prefix) =>
      Object.entries(headers)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name.slice(prefix.length), headerOf(value) ?? ''] as const),
    body,
    text: async () => Buffer.from(await small(request, documentBytesMax)).toString(),
    // It comes back in answers, so it must be a host and nothing else.
    base: /^[\w.-]+(:\d{1,5})?$/.test(host) ? `http://${host}` : url,
  }
}

function headerOf(value: string | string[] | undefined): string | null {
  return value === undefined ? null : typeof value === 'string' ? value : value.join(',')
}
