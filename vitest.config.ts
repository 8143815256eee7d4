import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: [join(import.meta.dirname, 'test/leave-nothing.ts')],
    // Laws share nothing, so a worker may serve many files; starting one for each costs more than most files take.
    pool: 'threads',
    isolate: false,
    // One for each core. Left to itself vitest keeps one core free: of two, half.
    maxWorkers: availableParallelism(),
    // Node's own loader, as everything here runs. It also finds modules in folders whose names hold a `#`, a `?` or a `%`; Vite's does not.
    experimental: { viteModuleRunner: false },
    passWithNoTests: false,
    testTimeout: 30_000,
    slowTestThreshold: 2_000,
  },
})
