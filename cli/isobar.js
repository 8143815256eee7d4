#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node must be able to read this far to be told what is wrong.
import '#prove/runtime.js'

await import('./main.ts')
