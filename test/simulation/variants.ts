import type { Variant } from './variant.ts'
import { answers } from './variants-of-answers.ts'
import { bounds } from './variants-of-bounds.ts'
import { keeping } from './variants-of-keeping.ts'
import { marks } from './variants-of-marks.ts'
import { order } from './variants-of-order.ts'

export const variants: readonly Variant[] = [...order, ...marks, ...answers, ...keeping, ...bounds]

export function variantNamed(name: string): Variant | null {
  return variants.find((variant) => variant.name === name) ?? null
}

/** The text with the variant's edits; throws where one of them fits not exactly once. How the text is broken into lines does not matter. */
export function edited(variant: Variant, file: string, text: string): string {
  return variant.edits.reduce((changed, edit) => {
    if (edit.file !== file) return changed
    const pattern = new RegExp(edit.find.trim().split(/\s+/).map(literally).join('\\s+'), 'g')
    const places = [...changed.matchAll(pattern)].length
    if (places !== 1)
      throw new Error(`variant ${variant.name}: its text stands ${places} times in ${file}, expected once`)
    return changed.replace(pattern, () => edit.replace)
  }, text)
}

function literally(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)
}
