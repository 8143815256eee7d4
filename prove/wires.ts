import { laws } from './house/laws.ts'
import { type Capability, notHeld, type Promised } from './promise.ts'

/** A promise that nothing here can keep yet: it is asked for all the same, and does not hold. */
function missing(line: string, what: string): Promised {
  return { line, run: async () => notHeld(what) }
}

/** Three real wires: drivers, servers, names, fidelity. */
export const wires: Capability = {
  promises: [
    laws(
      'the port’s contract, by the real SDKs at the three embedded clouds and in memory',
      ['memory', 's3', 'azure', 'gcs'].map((name) => `test/contract/${name}.test.ts`),
      { least: 900, maySkip: true },
    ),
    laws(
      'a probe of Azure Blob, 180 questions: the embedded one answers as documented',
      ['test/local/azure/probe.test.ts'],
      { least: 180, maySkip: true },
    ),
    missing('the third-party probes of S3 and Cloud Storage: 91 of 91 and 69 of 69', 'not part of this command yet'),
    missing(
      '10,000 random operations a face against a third-party server: every difference explained',
      'not built yet',
    ),
    laws(
      'a corpus of 500 odd objects goes round A, B, C, A in all six orders: nothing lost or altered',
      ['test/wires/corpus.test.ts'],
      { least: 6, env: { ISOBAR_CORPUS: '500' } },
    ),
    missing('another client (rclone) writes and reads 1,000 files at each embedded cloud', 'not built yet'),
    laws(
      '20 racing create-only writers: one winner; 1,000 racing increments: none lost',
      ['test/wires/races.test.ts'],
      { least: 6, env: { ISOBAR_INCREMENTS: '1000' } },
    ),
    laws(
      'kill -9 at 200 random moments of writing: nothing torn, nothing acknowledged lost',
      ['test/local/engine/crash.test.ts'],
      { least: 1, env: { ISOBAR_DEATHS: '200' } },
    ),
    missing(
      '1 GiB put and get below 150 MB of memory, and at least as fast as Azurite',
      'not part of this command yet',
    ),
    laws(
      'bits flipped, answers lost, bad input and every named refusal, at each driver',
      ['aws', 'azure', 'gcp'].map((cloud) => `test/functions/${cloud}-drivers`),
      { least: 300, maySkip: true },
    ),
    missing('worlds of the simulation, lived at the embedded clouds', 'not built yet'),
  ],
}
