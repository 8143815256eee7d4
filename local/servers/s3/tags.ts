import { plain } from './address.ts'
import { argumentRefused, Refusal } from './errors.ts'
import { element, type Element, malformed, type Markup, node } from './xml.ts'

/** In the order in which they came; pairs, because a name is hostile input and no property of an object. */
export type Tags = readonly (readonly [key: string, value: string])[]

const tagsMax = 10
/** In units of UTF-16, as S3 counts them. */
const keyLettersMax = 128
const valueLettersMax = 256
const allowed = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u

/** `x-amz-tagging`: pairs as in a query. */
export function tagsFromHeader(header: string): Tags {
  return checked(
    header
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.indexOf('=')
        return at < 0 ? [plain(pair), ''] : [plain(pair.slice(0, at)), plain(pair.slice(at + 1))]
      }),
    (key) => argumentRefused('x-amz-tagging', header, `each tag once, found ${key} twice`),
  )
}

export function tagsFromXml(tagging: Element): Tags {
  const [set, ...more] = tagging.all('TagSet')
  if (set === undefined || more.length > 0) throw malformed('found no single TagSet')
  const tags = set.all('Tag').map((tag) => [tag.demand('Key'), tag.demand('Value')] as const)
  const twice = (key: string) =>
    new Refusal('InvalidTag', `Tag: found ${JSON.stringify(key)} twice, expected each key once`, { TagKey: key })
  return checked(tags, twice)
}

export function tagSet(tags: Tags): Markup {
  return node('TagSet', ...tags.map(([key, value]) => node('Tag', element('Key', key), element('Value', value))))
}

function checked(tags: Tags, twice: (key: string) => Refusal): Tags {
  if (tags.length > tagsMax) throw new Refusal('BadRequest', `Tag: found ${tags.length}, expected at most ${tagsMax}`)
  const seen = new Set<string>()
  for (const [key, value] of tags) {
    if (seen.has(key)) throw twice(key)
    seen.add(key)
    if (key === '' || key.length > keyLettersMax || !allowed.test(key)) {
      const message = `Key: found ${JSON.stringify(key)}, expected 1 to ${keyLettersMax} letters, digits, spaces or any of _.:/=+-@`
      throw new Refusal('InvalidTag', message, { TagKey: key })
    }
    if (value.length > valueLettersMax || !allowed.test(value)) {
      const message = `Value: found ${JSON.stringify(value)}, expected up to ${valueLettersMax} letters, digits, spaces or any of _.:/=+-@`
      throw new Refusal('InvalidTag', message, { TagKey: key, TagValue: value })
    }
    if (/^aws:/i.test(key)) {
      throw new Refusal('InvalidTag', 'Keys that begin with aws: are for AWS alone.', { TagKey: key })
    }
  }
  return tags
}
