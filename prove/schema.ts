/**
 * Writes the JSON Schema that an editor completes `isobar.config.json` from: `npm run schema`.
 * With `--check` it writes nothing and fails where the file is not what the code says.
 */
import { readFile, writeFile } from 'node:fs/promises'
import * as z from 'zod'
import { configSchema } from '#shared/config/schema.ts'

const file = new URL('../docs/isobar.config.schema.json', import.meta.url)
// What a person writes, not what the code makes of it; of the drafts, the one that every editor reads.
const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' })
const text = `${JSON.stringify({ title: 'isobar.config.json', ...schema }, null, 2)}\n`

if (!process.argv.includes('--check')) {
  await writeFile(file, text)
} else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
  console.error('docs/isobar.config.schema.json is not what shared/config says: run `npm run schema`')
  process.exitCode = 1
}
