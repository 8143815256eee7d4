import * as z from 'zod'
import type { FederationDocument, SiteDocument } from './document.ts'
import { count, fields, flag, text } from './fields.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const region = text(
  /^[a-z0-9][a-z0-9-]{0,62}$/,
  'a region as its cloud writes it: lower-case letters, digits and hyphens',
)

const s3Name = 'a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens'
const s3Bucket = text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, s3Name)
const gcsName = 'a bucket name: 3 to 222 lower-case letters, digits, dots, hyphens and underscores'
const gcsBucket = text(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, gcsName)
const containerName = 'a container name: 3 to 63 lower-case letters, digits and single hyphens'
const noFolders = 'another container than "$root": Azure allows no "/" in the names of what lies there'
const container = z
  .string({ error: containerName })
  .regex(/^(?:\$web|(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*)$/, {
    error: ({ input }) => (input === '$root' ? noFolders : containerName),
  })
  .describe(containerName)

const address = 'an http:// or https:// address'
const endpoint = z
  .string({ error: address })
  .refine((value) => /^\s*https?:\/\//i.test(value), { error: address, abort: true })
  // `URL` would quietly mend these.
  .refine((value) => !/[\s\\\p{C}]/u.test(value), {
    error: 'an address without blanks, line breaks, backslashes and what cannot be seen',
    abort: true,
  })
  .refine(isSoundWithItsPort, { error: 'an address with a port of 1 to 65535', abort: true })
  .refine((value) => URL.canParse(value), { error: 'an address with the name or number of a host', abort: true })
  .refine((value) => !value.includes('@'), {
    error: 'an address without credentials: they come from the environment or from "role"',
    abort: true,
  })
  .refine((value) => !/[?#]/.test(value), { error: 'an address that ends with its host or path' })
  .describe('Where the store answers, if not at its cloud’s own address.')

/** Refuses what would be an address but for its port. */
function isSoundWithItsPort(value: string): boolean {
  return URL.canParse(value) || !URL.canParse(value.replace(/^(https?:\/\/[^/]*):[^:/\]]*/i, '$1'))
}

const provider = text(
  /^projects\/\d{1,20}\/locations\/global\/workloadIdentityPools\/[a-z0-9-]{4,32}\/providers\/[a-z0-9-]{4,32}$/,
  'a provider, such as "projects/123456789012/locations/global/workloadIdentityPools/isobar/providers/aws"',
)

const control = 'Beside the site’s own, in the same account and region: where Isobar keeps what it must remember.'

const date = 'a date, such as "2026-11-03", or a date with time and zone'
const common = {
  region: region.optional(),
  endpoint: endpoint.optional(),
  joined: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: date })
    .refine((value) => value.startsWith('20'), { error: 'a date of the years 2000 to 2099' })
    .optional()
    .describe('When the site joined with objects in it: those that equal a winner are taken for copies of it.'),
  retired: flag().default(false).describe('The site left: no rule may name it, its marks stay believed.'),
  versioned: flag().default(true).describe('Whether the store keeps versions. A member of a group must.'),
  retentionDays: count(1, 36_500, 'days')
    .optional()
    .describe('How long the store keeps noncurrent versions. Default: 14.'),
}

const s3 = fields({
  kind: z.literal('s3'),
  bucket: s3Bucket,
  control: s3Bucket.optional().describe(control),
  pathStyle: flag().optional().describe('Default: true where there is an endpoint.'),
  role: text(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
    'the ARN of a role, such as "arn:aws:iam::123456789012:role/isobar"',
  ).optional(),
  ...common,
})

const azure = fields({
  kind: z.literal('azure-blob'),
  account: text(/^[a-z0-9]{3,24}$/, 'a storage account: 3 to 24 lower-case letters and digits'),
  container,
  control: container.optional().describe(control),
  hierarchicalNamespace: z
    .literal(false, {
      error: 'false: such an account lists keys in an order that no other store has, so it cannot be a site',
    })
    .default(false),
  role: fields(
    {
      tenant: text(uuid, 'the id of the tenant'),
      client: text(uuid, 'the id of the application with the federated credential'),
    },
    'an object with the ids of a "tenant" and of a "client", the application with the federated credential',
  ).optional(),
  ...common,
})

const gcs = fields({
  kind: z.literal('gcs'),
  bucket: gcsBucket,
  control: gcsBucket.optional().describe(control),
  hierarchicalNamespace: flag().default(false).describe('Such a bucket keeps no versions, so it cannot be in a group.'),
  role: text(
    /^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9-]{4,28}[a-z0-9]\.iam\.gserviceaccount\.com$/,
    'a service account, such as "isobar@project.iam.gserviceaccount.com"',
  ).optional(),
  providers: fields(
    { aws: provider.optional(), azure: provider.optional() },
    'an object with a provider for "aws", "azure" or both',
  )
    .refine(({ aws, azure }) => aws !== undefined || azure !== undefined, {
      error: 'a provider for "aws", "azure" or both',
    })
    .optional()
    .describe('The workload identity providers by which functions in other clouds reach the bucket.'),
  ...common,
})

export const siteSchema: z.ZodType<SiteDocument> = z.discriminatedUnion('kind', [s3, azure, gcs], {
  error: ({ code }) => (code === 'invalid_union' ? 'one of "s3", "azure-blob", "gcs"' : 'an object'),
})

export const federationSchema: z.ZodType<FederationDocument> = fields({
  azure: text(
    /^api:\/\/[\w.-]{1,200}(?:\/[\w.-]{1,100}){0,3}$/,
    'the identifier of an application of your tenant, such as "api://isobar"',
  ).optional(),
})
