import { expect, it } from 'vitest'
import { journal } from '#functions/journal.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { siteId } from '#shared/kernel/ids.ts'

function thrown(error: unknown): string {
  const lines: string[] = []
  journal((line) => lines.push(line)).thrown(error)
  expect(lines).toHaveLength(1)
  return lines[0]!
}

it('poison is told apart from what comes back', () => {
  const denied = new Failure('denied', 'aws: not ours to write', { site: siteId('aws') })
  expect(JSON.parse(thrown(denied))).toEqual({
    line: 'failed',
    kind: 'denied',
    site: 'aws',
    why: 'aws: not ours to write',
  })
  expect(JSON.parse(thrown(new Failure('invalid', 'body: found 7')))).toMatchObject({
    line: 'refused',
    kind: 'invalid',
  })
})

it('a defect of ours is one line too, and tells where it is', () => {
  const told = JSON.parse(thrown(new TypeError('x is not a function'))) as { why: string }
  expect(told).toMatchObject({ line: 'failed', kind: 'defect' })
  expect(told.why).toContain('journal.test.ts')
  expect(JSON.parse(thrown('a text'))).toMatchObject({ kind: 'defect', why: 'a text' })
})

it('escaping changes how a line is written, never what it says', () => {
  const why = 'tab\t newline\n escape\u001b[2J C1\u009b31m override\u202E separator\u2028 tag\u{E0041} joined 👩‍💻 é'
  const line = thrown(new Failure('invalid', why))
  expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  expect(line).toContain('é')
  expect((JSON.parse(line) as { why: string }).why).toBe(why)
})
