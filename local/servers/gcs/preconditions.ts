import type { Entry } from '#local/servers/engine/model.ts'
import { factsOf } from './facts.ts'
import { int64 } from './names.ts'
import { refuse } from './refusals.ts'

/** A query or a set of headers, asked by name. */
export type Lookup = (name: string) => string | null

/** What a request demands of the object that it meets; `null` demands nothing. */
export type Preconditions = {
  /** "0": that there is none. */
  readonly generationMatch: string | null
  /** "0": that there is one. */
  readonly generationNotMatch: string | null
  readonly metagenerationMatch: string | null
  readonly metagenerationNotMatch: string | null
}

export const noPreconditions: Preconditions = {
  generationMatch: null,
  generationNotMatch: null,
  metagenerationMatch: null,
  metagenerationNotMatch: null,
}

/** `ifSource`: what a copy demands of the object that it copies. */
export function preconditionsOf(query: Lookup, prefix: 'if' | 'ifSource'): Preconditions {
  const asked = (name: string) => number(`${prefix}${name}`, query)
  return {
    generationMatch: asked('GenerationMatch'),
    generationNotMatch: asked('GenerationNotMatch'),
    metagenerationMatch: asked('MetagenerationMatch'),
    metagenerationNotMatch: asked('MetagenerationNotMatch'),
  }
}

/** The XML API knows two of them. */
export function xmlPreconditionsOf(header: Lookup): Preconditions {
  return {
    ...noPreconditions,
    generationMatch: number('x-goog-if-generation-match', header),
    metagenerationMatch: number('x-goog-if-metageneration-match', header),
  }
}

export function asksNothing(preconditions: Preconditions): boolean {
  return Object.values(preconditions).every((asked) => asked === null)
}

/** Where both kinds fail, the demand that something match comes first. A live object that is not there fails every demand but "0". */
export function check(preconditions: Preconditions, found: Entry | null): void {
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = preconditions
  const generation = found?.id ?? '0'
  const metageneration = found === null ? null : String(factsOf(found).metageneration)
  if (generationMatch !== null && generationMatch !== generation) refuse('conditionNotMet')
  if (metagenerationMatch !== null && metagenerationMatch !== metageneration) refuse('conditionNotMet')
  if (generationNotMatch !== null && (found === null || generationNotMatch === generation)) refuse('notModified')
  if (metagenerationNotMatch !== null && (found === null || metagenerationNotMatch === metageneration))
    refuse('notModified')
}

function number(name: string, lookup: Lookup): string | null {
  const text = lookup(name)
  return text === null ? null : int64(name, text)
}
