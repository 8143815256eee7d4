import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, codeOf, credentials, openBench, refusal } from './bench.ts'
import { presign, send, sendRaw } from './raw.ts'

const minuteMs = 60_000

const region = 'us-east-1'

describe('signatures of S3', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
    for (const Key of ['signed', 'other']) {
      await bench.client.send(new PutObjectCommand({ Bucket: bench.plain, Key, Body: `body of ${Key}` }))
    }
  })
  afterAll(() => bench.close())

  const list = (client = bench.client) => client.send(new ListObjectsV2Command({ Bucket: bench.plain }))
  const surroundings = (nowMs = Date.now()) => ({ port: bench.face.port, credentials, region, nowMs })
  const link = (more: object = {}, nowMs?: number) =>
    presign({ path: '/plain/signed', seconds: 60, ...surroundings(nowMs), ...more })
  const follow = async (target: string, more: object = {}) => {
    const answer = await send({ port: bench.face.port, target, headers: hostHeader(), ...more })
    return answer.status === 200 ? answer.body.toString() : `${answer.status} ${codeOf(answer)}`
  }
  const hostHeader = () => ({ host: `127.0.0.1:${bench.face.port}` })

  it('refuses another secret, and a key that it does not know', async () => {
    const stranger = bench.connect({ credentials: { ...credentials, secretAccessKey: 'not the secret' } })
    expect(await refusal(list(stranger))).toEqual({ status: 403, code: 'SignatureDoesNotMatch' })
    const nobody = bench.connect({ credentials: { ...credentials, accessKeyId: 'NOBODY' } })
    expect(await refusal(list(nobody))).toEqual({ status: 403, code: 'InvalidAccessKeyId' })
  })

  it('refuses whoever does not sign', async () => {
    expect(await follow('/plain/signed')).toBe('403 AccessDenied')
  })

  it('refuses a clock that is more than fifteen minutes off, and lets one in that is less', async () => {
    for (const [minutes, code] of [
      [-16, 'RequestTimeTooSkewed'],
      [16, 'RequestTimeTooSkewed'],
    ] as const) {
      const off = bench.connect({ systemClockOffset: minutes * minuteMs })
      expect(await refusal(list(off))).toEqual({ status: 403, code })
    }
    await list(bench.connect({ systemClockOffset: 14 * minuteMs }))
  })

  it('lets a client in that has learnt the time from the answer', async () => {
    bench.face.outcomes.skewMs = 60 * minuteMs
    const client = bench.connect({ maxAttempts: 2 })
    await list(client)
    expect(await refusal(list(bench.connect()))).toEqual({ status: 403, code: 'RequestTimeTooSkewed' })
    bench.face.outcomes.skewMs = 0
  })

  it('refuses another region, and names its own', async () => {
    const elsewhere = bench.connect({ region: 'eu-west-3' })
    const thrown = await list(elsewhere).catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(S3ServiceException)
    expect(thrown).toMatchObject({ name: 'AuthorizationHeaderMalformed', Region: region })
  })

  it('refuses a request that was changed after it was signed', async () => {
    const answers = [
      await bench.raw({ path: '/plain/signed', unsigned: { 'x-amz-meta-added': '1' } }),
      await bench.raw({ path: '/plain/signed', unsigned: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
      await bench.raw({ path: '/plain/signed', unsigned: { 'x-amz-date': '20200101T000000Z' } }),
    ]
    expect(answers.map((answer) => codeOf(answer))).toEqual([
      'AccessDenied',
      'SignatureDoesNotMatch',
      'AuthorizationHeaderMalformed',
    ])
  })

  it('signs keys, parameters and headers of any kind as the SDK does', async () => {
    const Key = `!'()*~-._ /+%20?&=é😀\u0001`
    await bench.client.send(
      new PutObjectCommand({ Bucket: bench.plain, Key, Body: 'x', Metadata: { spaced: 'a  b   c', empty: '' } }),
    )
    expect(await bench.text(bench.plain, Key)).toBe('x')
    const { Contents } = await bench.client.send(
      new ListObjectsV2Command({ Bucket: bench.plain, Prefix: `!'()*~`, StartAfter: ' +&=', Delimiter: '\u00e9' }),
    )
    expect(Contents).toBeUndefined()
  })

  it('orders parameters by name before value', async () => {
    const query = [
      ['x-amz-meta-a-b', '1'],
      ['x-amz-meta-a', '2'],
    ] as const
    expect((await bench.raw({ method: 'PUT', path: '/plain/ordered', query })).status).toBe(200)
  })

  it('answers a link to whoever follows it, until it expires', async () => {
    expect(await follow(link())).toBe('body of signed')
    expect(await follow(link({}, Date.now() - 61_000))).toBe('403 AccessDenied')
    expect(await follow(link({}, Date.now() - 59_000))).toBe('body of signed')
    expect(await follow(link({}, Date.now() + 16 * minuteMs))).toBe('403 AccessDenied')
  })

  it('refuses a link to what was not signed', async () => {
    expect(await follow(link().replace('/signed?', '/other?'))).toBe('403 SignatureDoesNotMatch')
    expect(await follow(link().replace('Expires=60', 'Expires=61'))).toBe('403 SignatureDoesNotMatch')
    expect(await follow(`${link()}&versionId=null`)).toBe('403 SignatureDoesNotMatch')
    expect(await follow(link(), { method: 'DELETE' })).toBe('403 SignatureDoesNotMatch')
    const headers = { ...hostHeader(), 'x-amz-request-payer': 'requester' }
    expect(await follow(link(), { headers })).toBe('403 AccessDenied')
  })

  it('refuses a link that is not whole, lasts too long, or comes beside a signature', async () => {
    expect(await follow(link().replace(/&X-Amz-Signature=.*/, ''))).toBe('400 AuthorizationQueryParametersError')
    expect(await follow(link({ seconds: 604_801 }))).toBe('400 AuthorizationQueryParametersError')
    const headers = { ...hostHeader(), authorization: 'AWS4-HMAC-SHA256 Credential=x' }
    expect(await follow(link(), { headers })).toBe('400 InvalidArgument')
  })

  it('takes an upload by a link, with the headers that stand in its query', async () => {
    const query = [
      ['x-amz-meta-from', 'a%20link'],
      ['x-amz-tagging', 'k%3Dv'],
    ]
    expect(await follow(link({ method: 'PUT', path: '/plain/linked', query }), { method: 'PUT', body: 'x' })).toBe('')
    const got = await bench.client.send(new GetObjectCommand({ Bucket: bench.plain, Key: 'linked' }))
    expect(got).toMatchObject({ Metadata: { from: 'a link' }, TagCount: 1 })
  })

  it('refuses an upload by a link whose query names what no header could', async () => {
    for (const name of ['a%20b', '%C3%A9', 'a%0D%0Ab', 'a%3Ab', '%22', '%00']) {
      const query = [[`x-amz-meta-${name}`, 'x']]
      const target = link({ method: 'PUT', path: '/plain/nameless', query })
      expect([name, await follow(target, { method: 'PUT', body: 'x' })]).toEqual([name, '400 InvalidArgument'])
    }
    expect(await follow(link({ path: '/plain/nameless' }))).toBe('404 NoSuchKey')
    const every = [['x-amz-meta-%21%23%24%25%26%27%2A%2B-.%5E_%60%7C~0a', 'x%0A%C3%A9']]
    expect(
      await follow(link({ method: 'PUT', path: '/plain/named', query: every }), { method: 'PUT', body: 'x' }),
    ).toBe('')
    expect(await follow(link({ path: '/plain/named' }))).toBe('x')
  })

  it('refuses signatures of other kinds, and those that are none', async () => {
    const sign = async (authorization: string) =>
      follow('/plain/signed', { headers: { ...hostHeader(), authorization } })
    expect(await sign('AWS AKIDBENCH:c2lnbmF0dXJl')).toBe('400 InvalidRequest')
    expect(await sign('AWS4-HMAC-SHA256 nonsense')).toBe('400 AuthorizationHeaderMalformed')
    const malformed = 'AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host, Signature=z'
    expect(await sign(malformed)).toBe('400 AuthorizationHeaderMalformed')
    const token = await bench.raw({ path: '/plain/signed', headers: { 'x-amz-security-token': 'x' } })
    expect([token.status, codeOf(token)]).toEqual([400, 'InvalidToken'])
  })

  it('covers metadata as the bytes that went over the wire', async () => {
    const headers = { 'x-amz-meta-word': 'é 日本' }
    const answer = await sendRaw({ method: 'PUT', path: '/plain/bytes', headers, ...surroundings() })
    expect(answer.status).toBe(200)
  })
})
