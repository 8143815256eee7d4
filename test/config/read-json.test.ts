import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '#shared/config/issue.ts'
import { readJson } from '#shared/config/read-json.ts'

type Outcome = { readonly value: unknown } | { readonly at: string; readonly found: string; readonly expected: string }

/** The value, or where and why the text was refused. */
function outcomeOf(text: string): Outcome {
  try {
    return { value: readJson(text) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [issue] = error.issues
    return { at: issue?.path ?? '', found: issue?.found ?? '', expected: issue?.expected ?? '' }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Whether the place that a refusal names is in the text. */
function inside(text: string, outcome: Outcome): boolean {
  const [, line, column] = /^line (\d+), column (\d+)$/.exec('at' in outcome ? outcome.at : '') ?? []
  const named = text.split('\n')[Number(line) - 1]
  return named !== undefined && Number(column) >= 1 && Number(column) <= named.length + 1
}

describe('JSON with line and column', () => {
  it('reads what JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        fc.pre(!text.includes('"__proto__"'))
        expect(outcomeOf(text)).toEqual({ value: JSON.parse(text) })
      }),
    )
  })

  it('refuses what JSON.parse refuses, at a place inside the text', () => {
    const damage = fc.constantFrom('', ',', '"', '}', '[', '\\', '\n', '\u0000', '0', 'x', ':', '\\u12', '-', '.', ' ')
    const whole = '{"a": [1, -2.5e3, "b\\n\\u00e9"],\n "c": {"d": null, "": true}, "e": {}}'
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(2), damage, (at, cut, put) => {
        const text = whole.slice(0, at) + put + whole.slice(at + cut)
        const outcome = outcomeOf(text)
        // What JSON.parse reads is refused for a field given twice only, which is then named.
        const read = 'value' in outcome || outcome.found.startsWith('"')
        expect(isJson(text) ? read : inside(text, outcome)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['', 'line 1, column 1', 'the end', 'a value'],
    ['{"a": 1,}', 'line 1, column 9', '"}"', 'a field’s name in double quotes'],
    ['{\n  "a": 1\n  "b": 2\n}', 'line 3, column 3', 'a double quote', '"," or "}"'],
    ['{"a": tru}', 'line 1, column 7', '"t"', 'a value'],
    ['{"a": 01}', 'line 1, column 8', '"1"', '"," or "}"'],
    ["{'a': 1}", 'line 1, column 2', '"\'"', 'a field’s name in double quotes'],
    [
      '{"a": "b\n"}',
      'line 1, column 7',
      'a double quote',
      'a string that ends on its line, its controls and escapes as JSON has them',
    ],
    [
      '{"a": "\\x"}',
      'line 1, column 7',
      'a double quote',
      'a string that ends on its line, its controls and escapes as JSON has them',
    ],
    ['{} // why', 'line 1, column 4', '"/"', 'the end of the document'],
    ['{"a" 1}', 'line 1, column 6', '"1"', '":"'],
    [' [nul]', 'line 1, column 3', '"n"', 'a value'],
    ['[1, 2', 'line 1, column 6', 'the end', '"," or "]"'],
  ])('says where %j goes wrong', (text, at, found, expected) => {
    expect(outcomeOf(text)).toEqual({ at, found, expected })
  })

  it('refuses a field given twice, where JSON.parse silently keeps the last', () => {
    expect(outcomeOf('{"aws": 1,\n "aws": 2}')).toEqual({
      at: 'line 2, column 2',
      found: '"aws"',
      expected: 'each field once',
    })
    expect(outcomeOf('{"a": {"b": 1}, "c": {"b": 1}}')).toHaveProperty('value')
  })

  it('takes no prototype from the text', () => {
    expect(outcomeOf('{"__proto__": {"paused": true}}')).toEqual({
      at: 'line 1, column 2',
      found: '"__proto__"',
      expected: 'a field that means something',
    })
  })

  it('passes over the mark that some editors put first', () => {
    expect(outcomeOf('\uFEFF{"a": "\uFEFF"}')).toEqual({ value: { a: '\uFEFF' } })
  })

  it('refuses depth and length instead of exhausting itself', () => {
    const levels = { found: '"["', expected: 'at most 32 levels' }
    expect(outcomeOf('['.repeat(100_000))).toEqual({ at: 'line 1, column 34', ...levels })
    expect(outcomeOf('{"a":'.repeat(33) + '[')).toEqual({ at: 'line 1, column 166', ...levels })
    const length = { found: '2000000 characters', expected: 'at most 1048576' }
    expect(outcomeOf(' '.repeat(2_000_000))).toEqual({ at: '(the whole document)', ...length })
  })
})
