import { laws } from './laws.ts'
import type { Capability } from './promise.ts'
import { contractElsewhere, unlike } from './wires/contract.ts'
import { differential } from './wires/differential.ts'
import { lawsAmong } from './wires/others.ts'

/** Three real wires: drivers, servers, names, fidelity. */
export const wires: Capability = {
  promises: [
    laws(
      'the port’s contract, by the real SDKs at the three embedded clouds and in memory: the same laws everywhere',
      ['memory', 's3', 'azure', 'gcs'].map((name) => `test/contract/${name}.test.ts`),
      { least: 900, maySkip: true, faults: unlike },
    ),
    contractElsewhere,
    lawsAmong(
      ['ISOBAR_PROBES'],
      'probes by others, 91 questions of S3 and 69 of Cloud Storage: answered as expected but for three that are explained',
      ['test/local/third-party-probes.test.ts'],
    ),
    laws(
      'a probe of Azure Blob, 180 questions: the embedded one answers as documented',
      ['test/local/azure/probe.test.ts'],
      { least: 180 },
    ),
    differential,
    laws(
      'a corpus of 500 odd objects, and bodies up to 64 MiB, go round A, B, C, A in all six orders: nothing lost or altered',
      ['test/wires/corpus.test.ts'],
      { least: 12, env: { ISOBAR_CORPUS: '500', ISOBAR_CORPUS_MB: '64' } },
    ),
    lawsAmong(
      ['ISOBAR_RCLONE'],
      'another client (rclone) writes and reads 1,000 files at each embedded cloud',
      ['test/wires/rclone.test.ts'],
      { least: 10 },
    ),
    laws(
      '20 racing create-only writers: one winner; 1,000 racing increments: none lost',
      ['test/wires/races.test.ts'],
      { least: 6, env: { ISOBAR_INCREMENTS: '1000' } },
    ),
    lawsAmong(
      ['ISOBAR_AZURITE'],
      '1 GiB put and got below 150 MB of memory at each embedded cloud, none slower than Azurite',
      ['test/local/large.test.ts'],
      { least: 4, env: { ISOBAR_LARGE_MB: '1024' } },
    ),
    laws(
      'kill -9 at 200 random moments of writing: nothing torn, nothing acknowledged lost',
      ['test/local/engine/crash.test.ts'],
      { least: 1, env: { ISOBAR_DEATHS: '200' } },
    ),
    laws(
      'bits flipped, answers lost, bad input and every named refusal, at each driver',
      ['aws', 'azure', 'gcp'].map((cloud) => `test/functions/${cloud}-drivers`),
      { least: 300 },
    ),
    laws(
      'each store proves what it enforces at start-up and in `isobar doctor`',
      ['test/conformance', 'test/functions/stores.test.ts', 'test/cli'],
      { least: 70 },
    ),
    laws(
      'functions reach the stores of all three clouds without a stored secret, in every direction (token services of this machine)',
      ['test/functions/federation', 'test/functions/identity.test.ts'],
      { least: 40 },
    ),
    laws('300 worlds of the simulation, lived at the embedded clouds', ['test/wires/worlds/worlds.test.ts'], {
      least: 2,
      env: { ISOBAR_WIRE_WORLDS: '300' },
    }),
  ],
}
