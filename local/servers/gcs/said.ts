import * as z from 'zod'
import type { Promised } from './checksums.ts'
import { type Facts, type Said, type TextField, textFields } from './facts.ts'
import { refuse } from './refusals.ts'

/** https://cloud.google.com/storage/quotas#objects */
const metadataBytesMax = 8192
const storageClasses = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE', 'REGIONAL', 'MULTI_REGIONAL']

/** An object resource as a client sends it: `null` takes back what was said. What a client cannot set is passed over, as the cloud does. */
export interface ObjectBody extends Readonly<Partial<Record<TextField, Text>>> {
  readonly name?: Text
  /** By hand below: a record's schema drops the name "__proto__". */
  readonly metadata?: unknown
  readonly storageClass?: Text
  readonly temporaryHold?: boolean | null | undefined
  readonly eventBasedHold?: boolean | null | undefined
  readonly crc32c?: Text
  readonly md5Hash?: Text
}

type Text = string | null | undefined

const text = z.string().nullish()
const flag = z.boolean().nullish()

const schema: z.ZodType<ObjectBody> = z.object({
  name: text,
  cacheControl: text,
  contentDisposition: text,
  contentEncoding: text,
  contentLanguage: text,
  contentType: text,
  customTime: text,
  metadata: z.unknown().optional(),
  storageClass: text,
  temporaryHold: flag,
  eventBasedHold: flag,
  crc32c: text,
  md5Hash: text,
})

export function parseObjectBody(value: unknown): ObjectBody {
  const result = schema.safeParse(value ?? {})
  if (result.success) return result.data
  const [issue] = result.error.issues
  refuse('invalid', `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'not an object resource'}`)
}

export function parseJson(json: string): unknown {
  if (json.trim() === '') return {}
  try {
    return JSON.parse(json)
  } catch {
    refuse('parseError', 'Parse Error: the body is not JSON.')
  }
}

export function promisedIn(body: ObjectBody): Promised {
  return { crc32c: listed(body.crc32c), md5: listed(body.md5Hash) }
}

/** What an upload says of a new object. */
export function saidOf(body: ObjectBody, otherwise: { contentType?: string; storageClass: string }): Said {
  const contentType = body.contentType ?? otherwise.contentType
  const storageClass = body.storageClass ?? otherwise.storageClass
  if (!storageClasses.includes(storageClass)) refuse('invalid', `storageClass: found ${JSON.stringify(storageClass)}`)
  const fields = changedFields({}, contentType === undefined ? body : { ...body, contentType })
  const metadata = changedMetadata({}, body.metadata)
  return { fields, metadata, storageClass, ...holdsOf(body) }
}

/** A patch: what it names changes, `null` removes, everything else stays. */
export function patched(facts: Facts, body: ObjectBody): Said {
  refuseClass(facts, body)
  return {
    fields: changedFields(facts.fields, body),
    metadata: changedMetadata(facts.metadata, body.metadata),
    storageClass: facts.storageClass,
    ...held(facts),
    ...holdsOf(body),
  }
}

/** An update: what it does not name is removed. */
export function replaced(facts: Facts, body: ObjectBody): Said {
  refuseClass(facts, body)
  return { ...saidOf(body, { storageClass: facts.storageClass }), ...held(facts), ...holdsOf(body) }
}

/** Only a copy moves an object to another class. */
function refuseClass(facts: Facts, body: ObjectBody): void {
  if (typeof body.storageClass === 'string' && body.storageClass !== facts.storageClass)
    refuse('invalid', 'storageClass: a change of class takes a rewrite.')
}

function changedFields(fields: Said['fields'], body: Readonly<Partial<Record<TextField, Text>>>) {
  const changed: { [field in TextField]?: string } = { ...fields }
  for (const field of textFields) {
    const value = body[field]
    if (value === null || value === '') delete changed[field]
    else if (value !== undefined) changed[field] = value
  }
  const { customTime } = changed
  if (customTime !== undefined && Number.isNaN(Date.parse(customTime)))
    refuse('invalid', `customTime: found ${JSON.stringify(customTime)}, expected a time as in RFC 3339`)
  return changed
}

function changedMetadata(metadata: Said['metadata'], change: unknown): Said['metadata'] {
  if (change === undefined) return metadata
  if (change === null) return {}
  if (typeof change !== 'object' || Array.isArray(change)) refuse('invalid', 'metadata: expected names and texts')
  const names = new Map(Object.entries(metadata))
  for (const [name, value] of Object.entries(change) as [string, unknown][]) {
    if (value === null) names.delete(name)
    else if (typeof value === 'string') names.set(name, value)
    else refuse('invalid', `metadata.${name}: expected a text`)
  }
  return limited(names)
}

/** As the cloud counts it: names and values in UTF-8, together. */
export function limited(names: ReadonlyMap<string, string>): Said['metadata'] {
  let bytes = 0
  for (const [name, value] of names) {
    if (!name.isWellFormed() || !value.isWellFormed()) refuse('invalid', 'metadata: not well-formed Unicode')
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
  }
  if (bytes > metadataBytesMax) refuse('metadataTooLarge')
  return Object.fromEntries(names)
}

function holdsOf(body: ObjectBody): Pick<Said, 'temporaryHold' | 'eventBasedHold'> {
  const { temporaryHold, eventBasedHold } = body
  return {
    ...(temporaryHold === undefined ? {} : { temporaryHold: temporaryHold ?? false }),
    ...(eventBasedHold === undefined ? {} : { eventBasedHold: eventBasedHold ?? false }),
  }
}

function held({ temporaryHold, eventBasedHold }: Facts): Pick<Said, 'temporaryHold' | 'eventBasedHold'> {
  return {
    ...(temporaryHold === undefined ? {} : { temporaryHold }),
    ...(eventBasedHold === undefined ? {} : { eventBasedHold }),
  }
}

function listed(value: string | null | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : []
}
