/** Loaded before everything else by a process that lives with a variant of the core: it changes the text of the files named, and no other. */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { edited, variantNamed } from './variants.ts'

const name = process.env['ISOBAR_BREAK'] ?? ''
const variant = variantNamed(name)
if (variant === null) throw new Error(`no variant is called ${JSON.stringify(name)}`)
const root = new URL('../../', import.meta.url).href

registerHooks({
  load(url, context, nextLoad) {
    const file = url.startsWith(root) ? url.slice(root.length) : null
    if (file === null || !variant.edits.some((edit) => edit.file === file)) return nextLoad(url, context)
    const source = edited(variant, file, readFileSync(fileURLToPath(url), 'utf8'))
    return { format: 'module-typescript', source, shortCircuit: true }
  },
})
