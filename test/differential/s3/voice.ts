import { sendRaw } from '#test/local/s3/raw.ts'
import { sumOf } from '#test/differential/content.ts'
import type { Request, Voice } from '#test/differential/operation.ts'

export interface S3Address {
  readonly url: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

/** In the place of a `content-md5`: names become values only when a request goes out. */
export const ofBody = 'of the body'

export function s3Voice({ url, region, ...credentials }: S3Address): Voice {
  const { hostname, port } = new URL(url)
  return {
    send: ({ method, path, query, headers, body }: Request) =>
      sendRaw({
        method,
        path: `/${path.map(encoded).join('/')}`,
        query: Object.entries(query).map(([name, value]) => [encoded(name), encoded(value)] as const),
        headers:
          headers['content-md5'] === ofBody ? { ...headers, 'content-md5': sumOf('MD5', Buffer.from(body)) } : headers,
        body,
        host: hostname,
        port: Number(port === '' ? '80' : port),
        credentials,
        region,
        nowMs: Date.now(),
        ...(headers['x-amz-content-sha256'] === undefined ? {} : { payload: headers['x-amz-content-sha256'] }),
      }) as ReturnType<Voice['send']>,
  }
}

export function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}
