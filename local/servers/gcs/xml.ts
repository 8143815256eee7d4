import { XMLParser, XMLValidator } from 'fast-xml-parser'
import * as z from 'zod'
import type { Answer } from '#local/servers/http/answer.ts'
import { type Refusal, refuse } from './refusals.ts'

/** XML that is escaped already: only the functions of this file make any. */
export type Markup = string & { readonly markup: unique symbol }

export function element(name: string, ...inner: readonly (number | boolean | Markup)[]): Markup {
  return `<${name}>${inner.join('')}</${name}>` as Markup
}

/** What XML cannot hold in any form becomes the replacement character. */
export function text(value: string): Markup {
  const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }
  return value
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll(/[&<>\r]/g, (mark) => marks[mark]!) as Markup
}

/** The root of an answer is in the namespace of S3, whose words these are. */
export function xml(name: string, inner: readonly Markup[], headers: Readonly<Record<string, string>> = {}): Answer {
  const root = `<${name} xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>${inner.join('')}</${name}>`
  return { status: 200, headers: { ...headers, 'content-type': xmlType }, body: `${prolog}${root}` }
}

export function xmlOf({ code, message }: Refusal): string {
  return `${prolog}${element('Error', element('Code', text(code)), element('Message', text(message)))}`
}

export const xmlType = 'application/xml; charset=UTF-8'

const prolog = "<?xml version='1.0' encoding='UTF-8'?>"

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  isArray: (name) => name === 'Part',
})

const schema = z.object({
  CompleteMultipartUpload: z.object({
    Part: z
      .array(
        z.object({
          PartNumber: z
            .string()
            .regex(/^[0-9]{1,5}$/)
            .transform(Number),
          ETag: z.string(),
        }),
      )
      .min(1),
  }),
})

export interface ListedPart {
  readonly number: number
  /** As it was given, quotes or none. */
  readonly etag: string
}

/** A declaration of any kind is refused: nothing here needs one, and entities can explode. */
export function readPartList(body: string): readonly ListedPart[] {
  if (body.includes('<!') || XMLValidator.validate(body) !== true) refuse('parseError', 'The XML is not well-formed.')
  const result = schema.safeParse(parsedFrom(body))
  if (!result.success) refuse('parseError', 'The XML is no list of parts.')
  return result.data.CompleteMultipartUpload.Part.map(({ PartNumber, ETag }) => ({ number: PartNumber, etag: ETag }))
}

/** The parser refuses more than the form: a hundred elements within one another, names that a program may take for its own. */
function parsedFrom(body: string): unknown {
  try {
    return parser.parse(body)
  } catch {
    return refuse('parseError', 'The XML is no list of parts.')
  }
}
