import { createHash } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, codeOf, openBench } from './bench.ts'

describe('documents that come as bodies', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
    await bench.client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'there', Body: 'x' }))
  })
  afterAll(() => bench.close())

  const md5 = (body: string | Uint8Array) => ({ 'content-md5': createHash('md5').update(body).digest('base64') })
  const remove = (body: string | Uint8Array, headers: Record<string, string> = md5(body)) =>
    bench.raw({ method: 'POST', path: '/plain', query: [['delete', '']], headers, body })
  const object = (inner: string) => `<Delete><Object>${inner}</Object></Delete>`

  it.each([
    ['no document', 'not XML'],
    ['a document that does not end', '<Delete><Object><Key>there</Key>'],
    ['another root', '<Remove><Object><Key>there</Key></Object></Remove>'],
    ['two roots', `${object('<Key>there</Key>')}${object('<Key>there</Key>')}`],
    ['nothing to delete', '<Delete></Delete>'],
    ['an object without a key', object('<VersionId>null</VersionId>')],
    ['two keys in one', object('<Key>there</Key><Key>other</Key>')],
    ['elements in a key', object('<Key><b>there</b></Key>')],
    ['an entity of its own', `<!DOCTYPE d [<!ENTITY e "there">]>${object('<Key>&e;</Key>')}`],
    ['an entity that grows', '<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><Delete>&b;</Delete>'],
    ['characters that are none', object('<Key>&#xD800;</Key>')],
    ['characters beyond the last', object('<Key>&#x110000;</Key>')],
    ['an unknown reference', object('<Key>&nbsp;</Key>')],
    ['a name that a program may take for its own', object('<Key>there</Key><__proto__>x</__proto__>')],
    ['a section that is no markup', object('<Key><![CDATA[there]]></Key>')],
    ['a comment within a key', object('<Key>th<!-- -->ere</Key>')],
    ['more than a thousand keys', `<Delete>${'<Object><Key>there</Key></Object>'.repeat(1001)}</Delete>`],
    ['bytes that are no text', Buffer.from(object('<Key>there\u00ff</Key>'), 'latin1')],
  ])('refuses %s', async (_, body) => {
    const answer = await remove(body)
    expect([answer.status, codeOf(answer)]).toEqual([400, 'MalformedXML'])
    expect(await bench.text('plain', 'there')).toBe('x')
  })

  it('refuses an empty body, one too large, and one without a checksum', async () => {
    expect(codeOf(await remove(''))).toBe('MissingRequestBodyError')
    expect(codeOf(await remove(' '.repeat(8 * 1024 * 1024 + 1)))).toBe('MaxMessageLengthExceeded')
    expect(codeOf(await remove(object('<Key>there</Key>'), {}))).toBe('InvalidRequest')
    expect(codeOf(await remove(object('<Key>there</Key>'), md5('other')))).toBe('BadDigest')
    expect(await bench.text('plain', 'there')).toBe('x')
  })

  it('answers with a document that names the code and the request', async () => {
    const { headers, body } = await bench.raw({ path: '/plain/nothing%26%3Chere%3E' })
    expect(headers['content-type']).toBe('application/xml')
    expect(body.toString()).toContain('<Key>nothing&amp;&lt;here&gt;</Key>')
    expect(body.toString()).toContain(`<RequestId>${String(headers['x-amz-request-id'])}</RequestId>`)
  })

  it('refuses verbs that it has none of', async () => {
    for (const [method, path, code] of [
      ['PATCH', '/plain/there', 'MethodNotAllowed'],
      ['POST', '/plain/there', 'MethodNotAllowed'],
      ['DELETE', '/', 'MethodNotAllowed'],
    ] as const) {
      const answer = await bench.raw({ method, path })
      expect([method, codeOf(answer)]).toEqual([method, code])
    }
    const answer = await bench.raw({ path: '/plain', query: [['lifecycle', '']] })
    expect([answer.status, codeOf(answer)]).toEqual([501, 'NotImplemented'])
  })
})
