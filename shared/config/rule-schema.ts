import * as z from 'zod'
import { idPattern } from '#shared/kernel/ids.ts'
import { keyBytesMax, ownPrefix } from '#shared/kernel/key.ts'
import type { GroupDocument, GuardsDocument, RouteDocument, RuleDocument, StayDocument } from './document.ts'
import { absent, count, fields, flag, list, table, text } from './fields.ts'
import { parseGlob } from './glob.ts'
import { show } from './show.ts'

const idExpected = 'an id: 1 to 24 lower-case letters, digits and hyphens, a letter first'
export const id: z.ZodString = text(idPattern, idExpected)

/** Not `id`: an unknown site is told with the ids that there are, whatever its letters. */
const siteRef = z.string({ error: 'the id of a site' })
const sitesMax = 50

const ownText = JSON.stringify(ownPrefix)
const prefixExpected = `the beginning of a key, at most ${keyBytesMax} bytes`
const prefix = z
  .string({ error: prefixExpected })
  .refine((value) => value.isWellFormed() && new TextEncoder().encode(value).byteLength <= keyBytesMax, {
    error: prefixExpected,
  })
  .refine((value) => !value.startsWith(ownPrefix), {
    error: `another beginning than ${ownText}: keys below it are Isobar’s own`,
  })
const filterPrefix = prefix
  .refine((value) => !value.includes('*'), {
    error: 'a prefix without "*": it is taken literally; patterns belong into "include"',
  })
  .describe('Keys that begin with this, taken literally.')

const pattern = z.string({ error: 'a pattern over whole keys' }).check(({ value, issues }) => {
  const expected = unfitPattern(value)
  if (expected !== null) issues.push({ code: 'custom', message: expected, input: value })
})
const usersPattern = pattern.refine((value) => !isOwn(value), {
  error: `a pattern of other keys than those below ${ownText}, which are Isobar’s own`,
})
const include = list(usersPattern, 1, 100, 'a list of 1 to 100 patterns').optional()

/** A folder’s name looks as if it stood for what is below it, and takes only a key that ends so: who means that one writes `\/`. */
function unfitPattern(text: string): string | null {
  const glob = parseGlob(text)
  if ('expected' in glob) return glob.expected
  if (!/(?<!\\)\/$/.test(text)) return null
  const marker = text.replace(/\/$/, String.raw`\/`)
  return `${show(`${text}**`)} for all below the folder, or ${show(marker)} for a key that ends with its slash`
}

function isOwn(text: string): boolean {
  const glob = parseGlob(text)
  return 'head' in glob && glob.head.startsWith(ownPrefix)
}

const patternText = 'Patterns over whole keys: * and ? within a folder, ** across folders.'

export const guards: z.ZodType<GuardsDocument> = fields({
  maxBytesPerDay: count(1, Number.MAX_SAFE_INTEGER, 'bytes').optional(),
  deletes: fields({
    perHour: count(1, Number.MAX_SAFE_INTEGER, 'deletes'),
  })
    .optional()
    .describe('More deletions than this in an hour are held back.'),
})

const common = {
  id,
  prefix: filterPrefix.default(''),
  include: include.describe(`${patternText} Default: all keys under the prefix.`),
  exclude: list(pattern, 0, 100, 'a list of at most 100 patterns')
    .default([])
    .describe(`${patternText} Wins over include.`),
  sloSeconds: count(1, 604_800, 'seconds').default(300).describe('How soon an object should be everywhere.'),
  windowSeconds: count(1, 604_800, 'seconds')
    .optional()
    .describe('How far a target may be behind before an overtaken event copies. Default: a tenth of sloSeconds.'),
  storageClass: table(
    z.string(),
    z.string({ error: 'a storage class' }),
    sitesMax,
    'an object of sites and storage classes',
  )
    .default({})
    .describe('By site. Default: what the store itself takes.'),
  guards: guards.default({}),
  paused: flag().default(false),
  dryRun: flag().default(false).describe('Say what would be done, and do nothing.'),
}

/** With fields of both kinds a rule is neither, and is told so as a whole. */
const otherKind = absent('nothing in a rule of the other kind')

const byKey = 'nothing: a later version must not leave a group, so its filter sees the key alone'

const group: z.ZodType<GroupDocument> = fields({
  ...common,
  among: list(siteRef, 2, sitesMax, 'a list of at least two sites'),
  writers: z.literal('any', { error: '"any": one writer at a time is not there yet' }).default('any'),
  from: otherKind,
  to: otherKind,
  tags: absent(byKey),
  size: absent(byKey),
  rename: absent('nothing: in a group a key has one name everywhere'),
  deletes: absent('nothing: in a group every deletion counts'),
  foreign: absent('nothing: in a group every object is somebody’s version, and the latest wins'),
  intoGroup: absent('nothing: only a route leads into a group'),
})

/** Azure’s largest blob, 50,000 blocks of 4,000 MiB; no object anywhere is larger. */
const objectBytesMax = 50_000 * 4_000 * 1024 ** 2

const tagName = text(/^[\s\S]{1,128}$/, 'a tag’s name, 1 to 128 characters')
const tagValue = text(/^[\s\S]{0,256}$/, 'a tag’s value, at most 256 characters')

const route: z.ZodType<RouteDocument> = fields({
  ...common,
  from: siteRef,
  to: list(siteRef, 1, sitesMax, 'a list of at least one site'),
  among: otherKind,
  tags: table(tagName, tagValue, 10, 'an object of names and values')
    .default({})
    .describe('An object must carry all of these.'),
  size: fields({
    min: count(0, objectBytesMax, 'bytes').optional(),
    max: count(0, Number.MAX_SAFE_INTEGER, 'bytes').optional(),
  })
    .refine(({ min, max }) => min !== undefined || max !== undefined, { error: '"min", "max" or both' })
    .refine(({ min, max }) => min !== 0 || max !== undefined, {
      error: 'a "min" of at least 1, a "max" or both: this takes every size',
    })
    .optional(),
  rename: fields({ from: prefix, to: prefix })
    .optional()
    .describe('A beginning of keys and what the targets have in its place.'),
  deletes: z
    .union([z.boolean(), z.literal('seen')], { error: 'true, false or "seen"' })
    .default(true)
    .describe('Whether deletions follow; "seen": only those whose event says that a user did it.'),
  foreign: z
    .enum(['leave', 'replace'], { error: '"leave" or "replace"' })
    .default('leave')
    .describe('What becomes of an object at a target that is no copy of the source’s.'),
  intoGroup: flag().default(false).describe('Says that users of the group do not write what this route writes there.'),
})

const ruleExpected = '"among" for a group, or "from" and "to" for a route'
export const ruleSchema: z.ZodType<RuleDocument> = z.union([group, route], { error: ruleExpected })

const places = 'a list of at least one'
export const staySchema: z.ZodType<StayDocument> = fields({
  prefix: filterPrefix.min(1, { error: 'at least one character; for all keys "include": ["**"]' }).optional(),
  include,
  sites: list(siteRef, 1, sitesMax, `${places} site`).optional(),
  regions: list(z.string({ error: 'a region' }), 1, sitesMax, `${places} region`).optional(),
})
