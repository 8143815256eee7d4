import { blocks } from './ask-blocks.ts'
import { checksums } from './ask-checksums.ts'
import { conditions } from './ask-conditions.ts'
import { contents } from './ask-contents.ts'
import { identity } from './ask-identity.ts'
import { leases } from './ask-leases.ts'
import { listings } from './ask-listings.ts'
import { names } from './ask-names.ts'
import { versions } from './ask-versions.ts'
import type { Question } from './question.ts'

/** All that the probe asks, by theme. */
export const questions: Readonly<Record<string, readonly Question[]>> = {
  conditions,
  checksums,
  blocks,
  contents,
  versions,
  leases,
  names,
  listings,
  identity,
}
