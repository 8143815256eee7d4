import { defineConfig } from 'vitest/config'

/** The judges of a mutant: the laws of what is mutated, and the simulation over few but fixed worlds. */
export default defineConfig({
  test: {
    include: ['test/kernel/**/*.test.ts', 'test/replication/**/*.test.ts', 'test/simulation/worlds.test.ts'],
    env: { ISOBAR_SEEDS: '200', ISOBAR_FROM: '1' },
    testTimeout: 60_000,
  },
})
