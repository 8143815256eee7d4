import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { questions } from './questions.ts'
import type { World } from './question.ts'
import { embedded, type Running, worldAt } from './world.ts'

let running: Running
let world: World

beforeAll(async () => {
  running = await embedded()
  world = await worldAt(running.site)
})
afterAll(() => running.close())

for (const [theme, list] of Object.entries(questions)) {
  describe(`the Azure face, asked about ${theme}`, () => {
    it.each(list)('$ask', async ({ look }) => {
      const finding = await look(world)
      const [held, said] = typeof finding === 'boolean' ? [finding, ''] : finding
      expect(held, said).toBe(true)
    })
  })
}
