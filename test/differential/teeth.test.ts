import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { azure } from './azure/wire.ts'
import { gcs } from './gcs/wire.ts'
import type { Request, Response, Voice } from './operation.ts'
import { s3 } from './s3/wire.ts'
import type { Running, Wire } from './wire.ts'

/** A face with one thing wrong, as a client meets it: on the way in, or on the way out. */
interface Break {
  readonly what: string
  readonly asked?: (request: Request) => Request
  readonly answered?: (response: Response, request: Request) => Response
}

function without(name: string): NonNullable<Break['asked']> {
  return (request) => ({ ...request, headers: lacking(request.headers, name) })
}

function lacking(all: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([one]) => one !== name))
}

function losing(name: RegExp): NonNullable<Break['answered']> {
  return ({ headers, ...response }) => ({
    ...response,
    headers: Object.fromEntries(Object.entries(headers).filter(([one]) => !name.test(one))),
  })
}

function rewritten(from: RegExp, to: string): NonNullable<Break['answered']> {
  return (response) => ({
    ...response,
    body: Buffer.from(response.body.toString('latin1').replace(from, to), 'latin1'),
  })
}

/** Every answer of this status comes as another. */
function told(status: number, otherwise: number): NonNullable<Break['answered']> {
  return (response) => (response.status === status ? { ...response, status: otherwise } : response)
}

const ofS3: readonly Break[] = [
  { what: 'If-None-Match is ignored', asked: without('if-none-match') },
  { what: 'If-Match is ignored', asked: without('if-match') },
  {
    what: 'checksums are not verified',
    asked: (request) => without('x-amz-checksum-crc32')(without('content-md5')(request)),
  },
  { what: 'user metadata is lost', answered: losing(/^x-amz-meta-b-c$/) },
  { what: 'a delete marker is not told', answered: losing(/^x-amz-delete-marker$/) },
  { what: 'the tags of an object are not counted', answered: losing(/^x-amz-tagging-count$/) },
  {
    what: 'a range ends one byte early',
    asked: ({ headers, ...request }) => ({
      ...request,
      headers: headers['range'] === 'bytes=2-7' ? { ...headers, range: 'bytes=2-6' } : headers,
    }),
  },
  {
    what: 'a listing leaves out a key',
    answered: rewritten(/<Contents>(?:(?!<\/Contents>).)*<\/Contents>(?=<\/ListBucketResult>|<CommonPrefixes>)/s, ''),
  },
  { what: 'a listing forgets that it was cut', answered: rewritten(/<IsTruncated>true/, '<IsTruncated>false') },
  { what: 'the newest version is not said to be so', answered: rewritten(/<IsLatest>true/, '<IsLatest>false') },
  {
    what: 'a version is deleted by the name of its key alone',
    asked: ({ query: { versionId, ...query }, ...request }) => ({
      ...request,
      query: request.method === 'DELETE' || versionId === undefined ? query : { ...query, versionId },
    }),
  },
  {
    what: 'parts have no MD5',
    answered: (response, { query }) =>
      query['partNumber'] === undefined ? response : losing(/^etag$/)(response, {} as Request),
  },
  { what: 'what is absent is forbidden', answered: told(404, 403) },
]

const ofAzure: readonly Break[] = [
  { what: 'If-None-Match is ignored', asked: without('if-none-match') },
  { what: 'If-Match is ignored', asked: without('if-match') },
  {
    what: 'a lease does not hold',
    asked: (request) =>
      request.headers['x-ms-lease-action'] === 'acquire'
        ? { ...request, headers: { ...request.headers, 'x-ms-lease-action': 'none' } }
        : request,
  },
  { what: 'a create over a blob is told as 412', answered: told(409, 412) },
  { what: 'the content type is lost', answered: losing(/^content-type$/) },
  { what: 'the code of a refusal is lost', answered: losing(/^x-ms-error-code$/) },
  {
    what: 'blocks are committed in another order',
    asked: ({ body, ...request }) => ({
      ...request,
      body:
        typeof body === 'string'
          ? body.replace(/(<\w+>[^<]+<\/\w+>)(<\w+>[^<]+<\/\w+>)(?=<\/BlockList>)/, '$2$1')
          : body,
    }),
  },
  {
    what: 'snapshots are not listed',
    asked: ({ query, ...request }) => ({
      ...request,
      query: query['include']?.startsWith('snapshots') === true ? { ...query, include: 'metadata' } : query,
    }),
  },
]

const ofGcs: readonly Break[] = [
  {
    what: 'ifGenerationMatch is ignored',
    asked: (request) => ({ ...request, query: lacking(request.query, 'ifGenerationMatch') }),
  },
  {
    what: 'the wrong CRC32C passes',
    asked: ({ body, ...request }) => ({
      ...request,
      body:
        typeof body === 'string'
          ? body
          : Buffer.from(
              Buffer.from(body)
                .toString('latin1')
                .replace(/"crc32c":"[^"]*",?/, '')
                .replace(',}', '}'),
              'latin1',
            ),
    }),
  },
  { what: 'noncurrent generations are not dated', answered: rewritten(/"timeDeleted":"[^"]*",/g, '') },
  { what: 'metadata outside ASCII is lost', answered: rewritten(/"B-c":"[^"]*"/g, '"B-c":""') },
  {
    what: 'a composite has an MD5',
    answered: rewritten(/"componentCount":\d+/g, '"md5Hash":"1B2M2Y8AsgTpgAmY7PhCfg=="'),
  },
  { what: 'a session forgets what has come', answered: losing(/^range$/) },
  { what: 'a precondition is told as 409', answered: told(412, 409) },
]

const operations = 300

for (const [wire, breaks] of [
  [s3, ofS3],
  [azure, ofAzure],
  [gcs, ofGcs],
] as const) {
  describe(`two embedded faces of ${wire.name}`, () => {
    const running: Running[] = []
    beforeAll(async () => {
      running.push(await wire.embedded(), await wire.embedded())
    })
    afterAll(() => Promise.all(running.map((one) => one.close())))

    it('answer the same questions alike, with nothing to explain', async () => {
      const { findings, themes } = await compared(wire, running, { what: 'nothing' }, operations)
      expect(findings).toEqual([])
      expect(Math.min(...Object.values(themes))).toBeGreaterThan(operations / 8)
    })

    it.each(breaks)('are told apart where $what', async (broken) => {
      const { findings } = await compared(wire, running, broken, operations * 10)
      expect(findings).toHaveLength(1)
    })
  })
}

/** Ends with the first difference. The seed is another each time a law is broken for a reason of its own: here it stays. */
function compared(wire: Wire, [ours, theirs]: readonly Running[], broken: Break, operations: number) {
  return wire.compare(ours!.voice, distorted(theirs!.voice, broken), { seed: 1, operations, findingsMax: 1 }, false)
}

function distorted(voice: Voice, { asked = (request) => request, answered = (response) => response }: Break): Voice {
  return {
    ...(voice.base === undefined ? {} : { base: voice.base }),
    send: async (request) => answered(await voice.send(asked(request)), request),
  }
}
