import type { Write } from '#shared/ports/object-store.ts'

/** Half a character at each place where somebody may say one; the last could pass for a whole where its two are joined. */
export const halves: readonly Partial<Write>[] = [
  { headers: { expires: 'a\ud800' } },
  { headers: { contentType: '\udc00' } },
  { metadata: { name: '\ud800' } },
  { metadata: { '\udfff': 'value' } },
  { tags: { name: '\ud800' } },
  { tags: { '\ud800': '\udc00' } },
]
