import { Refusal } from './errors.ts'
import { element, parseXml, prolog, text } from './xml.ts'

export type Tags = Readonly<Record<string, string>>

const tagsMax = 10
const alphabet = /^[A-Za-z0-9 +\-./:=_]*$/

/** As in the header `x-ms-tags`: `name=value&other=value`, percent-encoded. */
export function tagsOfHeader(header: string | undefined): Tags {
  if (header === undefined || header === '') return {}
  return checked(header.split('&').map((pair) => pairOf(pair)))
}

function pairOf(pair: string): readonly [string, string] {
  const at = pair.indexOf('=')
  try {
    const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    return [decodeURIComponent(name.replaceAll('+', ' ')), decodeURIComponent(value.replaceAll('+', ' '))]
  } catch {
    throw new Refusal('InvalidTag')
  }
}

/** As in the body of Set Blob Tags. */
export function tagsOfXml(document: string): Tags {
  const root = parseXml(document)
  const sets = root.nodes.filter(({ name }) => name === 'TagSet')
  if (root.name !== 'Tags' || sets.length > 1) throw new Refusal('InvalidXmlDocument')
  const tags = (sets[0]?.nodes ?? []).map(({ name, nodes }) => {
    const one = (wanted: string) => nodes.find((node) => node.name === wanted)?.text
    const key = one('Key')
    if (name !== 'Tag' || key === undefined) throw new Refusal('InvalidXmlDocument')
    return [key, one('Value') ?? ''] as const
  })
  return checked(tags)
}

function checked(pairs: readonly (readonly [string, string])[]): Tags {
  if (pairs.length > tagsMax) throw new Refusal('TagsTooLarge')
  const names = new Set<string>()
  for (const [name, value] of pairs) {
    if (name === '') throw new Refusal('EmptyTagName')
    if (name.length > 128 || value.length > 256) throw new Refusal('TagsTooLarge')
    if (!alphabet.test(name) || !alphabet.test(value)) throw new Refusal('InvalidTag')
    if (names.has(name)) throw new Refusal('DuplicateTagNames')
    names.add(name)
  }
  return Object.fromEntries(pairs)
}

export function tagSet(tags: Tags): string {
  const entries = Object.entries(tags).map(([name, value]) =>
    element('Tag', `${element('Key', text(name))}<Value>${text(value)}</Value>`),
  )
  return element('TagSet', entries.join(''))
}

export function tagsBody(tags: Tags): string {
  return `${prolog}${element('Tags', tagSet(tags))}`
}
