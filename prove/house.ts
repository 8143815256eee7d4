import { brokenVariants } from './house/broken-variants.ts'
import { closeClone, freshClone } from './house/fresh-clone.ts'
import { laws } from './house/laws.ts'
import { mutation } from './house/mutation.ts'
import { simulation } from './house/simulation.ts'
import { synthesis } from './house/synthesis.ts'
import type { Capability } from './promise.ts'

/** The house, and a core that keeps its laws. */
export const house: Capability = {
  promises: [
    ...freshClone,
    ...simulation,
    laws(
      'a history written by hand for each law that breaks it: the checker says so',
      ['bounds', 'ends', 'exceptions', 'losers', 'routes', 'winners', 'writes'].map(
        (family) => `test/simulation/histories-of-${family}.test.ts`,
      ),
      13,
    ),
    brokenVariants,
    mutation,
    laws(
      'requests per act of a user are those of the table; 20,000 versions of a key stay within their bound',
      ['test/replication/requests.test.ts', 'test/replication/history.test.ts'],
      30,
    ),
    laws(
      'a configuration with each kind of mistake: the message names the path, none is accepted',
      ['shape', 'names', 'sites', 'rules'].map((kind) => `test/config/mistakes-of-${kind}.test.ts`),
      30,
    ),
    laws('a broken wall is refused by the checks, shown in a scratch copy', ['test/arch/walls.test.ts'], 4),
    synthesis,
  ],
  close: closeClone,
}
