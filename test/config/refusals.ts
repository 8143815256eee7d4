import { expect, it } from 'vitest'
import { ConfigError } from '#shared/config/issue.ts'
import { document, group, issuesOf, parsed, route, sites, type Fields, type Json } from './documents.ts'

/** What a person got wrong, and how the line begins that says so: path, what was found, what is expected. */
export type Mistake = readonly [what: string, document: Json, line: string]

export function refusesEach(mistakes: readonly Mistake[]): void {
  it.each(mistakes)('%s', (_what, document, line) => {
    const message = refusal(document)
    expect(
      message.split('\n  ').filter((said) => said.startsWith(line)),
      message,
    ).toHaveLength(1)
  })
}

/** The nearest neighbours of mistakes: what they are, and a document that must be taken. */
export function acceptsEach(neighbours: readonly (readonly [what: string, document: Json])[]): void {
  it.each(neighbours)('%s', (_what, document) => expect(issuesOf(document)).toEqual([]))
}

function refusal(document: Json): string {
  try {
    parsed(document)
    return 'accepted'
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

export function withSite(id: string, changes: Fields): Fields {
  return document([group, route], {}, { [id]: { ...sites[id], ...changes } })
}

export function withGroup(changes: Fields): Fields {
  return document([{ ...group, ...changes }, route])
}

export function withRoute(changes: Fields): Fields {
  return document([group, { ...route, ...changes }])
}

export function without(fields: Fields | undefined, name: string): Fields {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([field]) => field !== name))
}
