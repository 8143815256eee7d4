import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '#shared/config/load.ts'
import { issuesOfText } from './documents.ts'

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const page = read('configuration.md')
const example = read('isobar.config.example.json')

/** The fields of every object in the JSON Schema. */
function fieldsOf(schema: string): ReadonlySet<string> {
  const named = new Set<string>()
  JSON.parse(schema, (name, value: unknown) => {
    if (name === 'properties') for (const field of Object.keys(value as object)) named.add(field)
    return value
  })
  return named
}

describe('every page', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root })]
  const shown = pages.flatMap((name) =>
    [...readFileSync(`${root}/${name}`, 'utf8').matchAll(/```jsonc?\n([\s\S]*?)\n```/g)].map(
      ([, text = '']) => [name, text] as const,
    ),
  )

  it('shows only configurations that are accepted', () => {
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.flatMap(([name, text]) => issuesOfText(text).map((issue) => ({ name, ...issue })))).toEqual([])
  })
})

describe('docs/configuration.md', () => {
  it('shows a configuration that is accepted, the one of the example file', () => {
    expect(parseConfig(example).groups).toHaveLength(2)
    expect(/```json\n([\s\S]*?)\n```/.exec(page)?.[1]).toBe(example.trimEnd())
  })

  it('names every field of the schema', () => {
    const fields = fieldsOf(read('isobar.config.schema.json'))
    expect([...fields].filter((field) => !page.includes(`\`${field}\``))).toEqual([])
    expect(fields.size).toBeGreaterThan(40)
  })

  it('names every context value of the AWS templates', () => {
    const app = readFileSync(new URL('../../cdk/aws/app.ts', import.meta.url), 'utf8')
    const values = [...app.matchAll(/'(isobar:\w+)'/g)].map(([, name]) => name)
    expect(values).toHaveLength(2)
    expect(values.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([])
  })

  it('shows the messages as they are', () => {
    const damages: readonly (readonly [string, string])[] = [
      ['"acme-isobar",\n      "region"', '"acme-isobar", "region": "eu-central-1",\n      "regoin"'],
      ['"sloSeconds": 60', '"deletes": false'],
      ['["archive"]', '["archiv"]'],
      ['"from": "cellar"', '"from": "archive"'],
    ]
    const said = damages
      .flatMap(([sound, broken]) => issuesOfText(example.replace(sound, broken)))
      .map(({ path, found, expected }) => `${path}: found ${found}, expected ${expected}`)
    const shown = page.split('\n').flatMap((line) => /^ {6}(\S.*: found .*)$/.exec(line)?.[1] ?? [])
    expect(shown.filter((line) => !said.includes(line))).toEqual([])
    expect(shown).toHaveLength(4)
  })
})
