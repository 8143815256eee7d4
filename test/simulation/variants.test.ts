import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { laws } from './checker-laws.ts'
import { edited, variants } from './variants.ts'

describe('broken variants', () => {
  it.each(variants.map(({ name }) => name))('%s changes the code that is there, each edit at one place', (name) => {
    const variant = variants.find((one) => one.name === name)!
    for (const file of new Set(variant.edits.map((edit) => edit.file))) {
      const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
      expect(edited(variant, file, text)).not.toBe(text)
    }
  })

  it('break every law that a world can break, each of them by a variant that breaks no other', () => {
    const covered = new Set(variants.flatMap(({ laws: broken }) => (broken.length === 1 ? broken : [])))
    expect(
      Object.keys(laws)
        .map(Number)
        .filter((law) => !covered.has(law as keyof typeof laws)),
    ).toEqual([0]) // Whatever throws breaks that one: a variant is to be caught by what it does.
  })
})
