import { readFile, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { configSchema } from '#shared/config/schema.ts'
import { readFlags } from './flags.ts'

const help = `npm run schema -- [--check]

Writes docs/isobar.config.schema.json, from which an editor completes isobar.config.json.

  --check   write nothing; exit 1 where the file is not what the code says`

const file = new URL('../docs/isobar.config.schema.json', import.meta.url)

/** What a person writes, not what the code makes of it; of the drafts, the one that every editor reads. */
function schemaText(): string {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' })
  return `${JSON.stringify({ title: 'isobar.config.json', ...schema }, null, 2)}\n`
}

const check = readFlags(help, ['check']).has('check')
if (!check) await writeFile(file, schemaText())
else if ((await readFile(file, 'utf8').catch(() => '')) !== schemaText()) {
  console.error('docs/isobar.config.schema.json is not what shared/config says: run `npm run schema`')
  process.exitCode = 1
}
