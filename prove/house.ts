import { brokenVariants } from './house/broken-variants.ts'
import { byHand } from './house/by-hand.ts'
import { crashes } from './house/crashes.ts'
import { freshClone } from './house/fresh-clone.ts'
import { laws } from './laws.ts'
import { mutation } from './house/mutation.ts'
import { replay } from './house/replay.ts'
import { requests } from './house/requests.ts'
import { shapeOfWorlds, simulation } from './house/simulation.ts'
import { synthesis } from './house/synthesis.ts'
import type { Capability } from './promise.ts'

/** The house, and a core that keeps its laws. */
export const house: Capability = {
  promises: [
    ...freshClone,
    ...simulation,
    replay,
    ...shapeOfWorlds,
    crashes,
    byHand,
    brokenVariants,
    mutation,
    requests,
    laws(
      'a configuration with each of at least 30 kinds of mistake, and with random ones: the message names the path, none is accepted',
      ['test/config'],
      {
        wanted: [
          {
            what: 'kinds of mistake, one by one',
            like: /^(?:a name|a bucket name|a rule|a site|an address|one bucket|rules) .*?(?:is|are) refused:? (?!and nothing|every mistake)/,
            least: 30,
          },
          { what: 'random damage to a configuration', like: /^a damaged configuration is refused at a place / },
          { what: 'random configurations', like: /^a random configuration is accepted only if no key / },
        ],
      },
    ),
    laws('a broken wall is refused by the checks, shown in a scratch copy', ['test/arch/walls.test.ts'], {
      wanted: [
        { what: 'an SDK import in shared', like: /refuses? an SDK in the core/ },
        { what: 'Date.now() in a decide.ts', like: /refuses the clock in a decision$/ },
        { what: 'an import upwards', like: /refuses? an import upwards/ },
        { what: 'a missing room', like: /refuse a cloud without a room that the others have$/ },
      ],
    }),
    synthesis,
  ],
}
