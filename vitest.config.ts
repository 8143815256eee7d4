import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Laws share nothing, so a worker may serve many files; starting one for each costs more than most files take.
    pool: 'threads',
    isolate: false,
    passWithNoTests: false,
    testTimeout: 30_000,
    slowTestThreshold: 2_000,
  },
})
