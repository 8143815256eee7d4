import * as z from 'zod'
import type { Bucket, Entry } from '#local/servers/engine/model.ts'
import type { Answer } from '#local/servers/http/answer.ts'
import { bucketFactsOf } from './bucket-facts.ts'
import type { Call } from './call.ts'
import { changeWith, type Cloud, entryNamed, store } from './cloud.ts'
import { unlock } from './encryption.ts'
import { factsOf } from './facts.ts'
import { json } from './json.ts'
import { int64, objectName } from './names.ts'
import { check, noPreconditions, preconditionsOf } from './preconditions.ts'
import { refuse } from './refusals.ts'
import { resourceOf } from './resource.ts'
import { parseJson, parseObjectBody, saidOf } from './said.ts'
import { keysOf } from './uploads.ts'

const sourcesMax = 32

const generation = z.union([z.string(), z.number()]).transform(String).nullish()

const schema = z.object({
  sourceObjects: z
    .array(
      z.object({
        name: z.string(),
        generation,
        objectPreconditions: z.object({ ifGenerationMatch: generation }).nullish(),
      }),
    )
    .min(1)
    .max(sourcesMax),
  destination: z.unknown().optional(),
})

type Source = z.output<typeof schema>['sourceObjects'][number]

/** One object made of several, in one bucket; hardly a byte moves. It has a CRC32C and no MD5. */
export async function composeObject(cloud: Cloud, bucket: Bucket, key: string, call: Call): Promise<Answer> {
  const { sourceObjects, destination } = parseRequest(await call.text())
  const { storageClass } = bucketFactsOf(bucket)
  const said = saidOf(parseObjectBody(destination), { storageClass })
  const keys = keysOf(cloud, bucket, call)
  const preconditions = preconditionsOf(call.query, 'if')
  const name = objectName(key)
  const sources = sourceObjects.map((source) => sourceOf(bucket, source))
  for (const source of sources) unlock(source, keys.keySha256, cloud.kmsKeys)
  // Who appends by composing does so without end, and mostly a little at a time.
  const content = cloud.engine.pack(cloud.engine.join(sources.map((source) => source.content)))
  const componentCount = sources.reduce((count, source) => count + (factsOf(source).componentCount ?? 1), 0)
  const birth = { key: name, content, said, md5: null, componentCount, ...keys }
  // Nothing is waited for since the sources were looked up, so nothing can have come between.
  const entry = await changeWith(cloud, bucket, birth, (change) => store(bucket, change, birth, preconditions))
  return json(resourceOf(call.base, bucket, entry, true))
}

function parseRequest(text: string): z.output<typeof schema> {
  const result = schema.safeParse(parseJson(text))
  if (result.success) return result.data
  const [issue] = result.error.issues
  refuse(
    'invalid',
    `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? ''}; a compose takes 1 to ${sourcesMax} sources`,
  )
}

function sourceOf(bucket: Bucket, source: Source): Entry {
  const asked = source.generation ?? null
  const name = objectName(source.name)
  const entry = entryNamed(bucket, name, asked === null ? null : int64('generation', asked))
  const match = source.objectPreconditions?.ifGenerationMatch ?? null
  const generationMatch = match === null ? null : int64('ifGenerationMatch', match)
  check({ ...noPreconditions, generationMatch }, entry)
  return entry
}
