import { afterEach, expect, it, vi } from 'vitest'
import { run } from '#prove/command.ts'

afterEach(() => vi.unstubAllEnvs())

it('of our own variables a run is given those it is told, and none that somebody exported', async () => {
  vi.stubEnv('ISOBAR_CONTRACT_S3', 'http://127.0.0.1:1')
  vi.stubEnv('NOT_OURS', 'exported')
  const script = 'console.log(process.env.ISOBAR_CONTRACT_S3, process.env.ISOBAR_TOLD, process.env.NOT_OURS)'
  const { stdout } = await run('node', ['-e', script], { env: { ISOBAR_TOLD: 'told' } })
  expect(stdout).toBe('undefined told exported\n')
})
