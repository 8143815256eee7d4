import * as z from 'zod'
import type { ConfigDocument } from './document.ts'
import { fields, flag, list, table } from './fields.ts'
import { guards, id, ruleSchema, staySchema } from './rule-schema.ts'
import { federationSchema, siteSchema } from './site-schema.ts'

/** The one description of `isobar.config.json`: it reads the file, and an editor's JSON Schema is made from it. */
export const configSchema: z.ZodType<ConfigDocument> = fields({
  $schema: z.string({ error: 'the address of the JSON Schema' }).optional(),
  sites: table(id, siteSchema, 50, 'an object of sites by their ids'),
  replicate: list(ruleSchema, 1, 500, 'a list of 1 to 500 groups and routes'),
  stay: list(staySchema, 0, 100, 'a list of at most 100 stay rules')
    .default([])
    .describe('Keys that may lie at some sites only.'),
  guards: guards.default({}).describe('For all rules together.'),
  federation: federationSchema.default({}).describe('How functions show other clouds who they are.'),
  paused: flag().default(false).describe('The kill switch: nothing is written anywhere.'),
})
