import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { azureName, azureValue, isPlain, portName, portValue } from '#azure/drivers/metadata.ts'

const letters = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...Array.from('ab09_x-A. '), '_x2d_', '_x41_', '_x5f_', '_x_', '_x', '_', '😀', 'ü'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 2 }) },
)
const names = fc.array(letters, { maxLength: 8 }).map((all) => all.join(''))
/** What another client may have written. */
const identifiers = fc
  .array(
    fc.constantFrom(...Array.from('ab09_x'), '_x2d_', '_x41_', '_x5f_', '_x61_', '_x_', '_x0_', '_xdfff_', '_x110000_'),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((all) => all.join(''))
  .filter((text) => /^[a-z_]/.test(text))

describe('names of metadata', () => {
  it.each([
    ['plain', 'plain'],
    ['under_score', 'under_score'],
    ['a1', 'a1'],
    ['_a', '_a'],
    ['isobar', 'isobar'],
    ['isobarfrom', 'isobarfrom'],
    ['with-dash', 'with_x2d_dash'],
    ['Upper', '_x55_pper'],
    ['1st', '_x31_st'],
    ['grün', 'gr_xfc_n'],
    ['', '_x_'],
    ['a_x2d_b', 'a_x5f_x2d_b'],
    ['__proto__', '_x5f__proto__'],
    ['constructor', '_x63_onstructor'],
    ['isobar_headers', '_x69_sobar_headers'],
  ])('spells %j as %j, and back', (name, azure) => {
    expect(azureName(name)).toBe(azure)
    expect(portName(azure)).toBe(name)
  })

  it('spells every name as an identifier that differs from all others in more than case', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(azureName(name)).toMatch(/^[a-z_][a-z0-9_]*$/)
        expect(portName(azureName(name))).toBe(name)
      }),
      { numRuns: 5000 },
    )
  })

  it('gives back every identifier that somebody else wrote', () => {
    fc.assert(
      fc.property(identifiers, (name) => {
        expect(azureName(portName(name))).toBe(name)
      }),
      { numRuns: 5000 },
    )
  })

  it('reads no half of a character, not even of one that somebody else wrote in two', () => {
    for (const name of ['_xd800_', 'a_xdfff_', '_xd83d__xde00_']) expect(portName(name)).toBe(name)
  })

  it('reads a name in whatever case it was written', () => {
    expect(portName('MyName')).toBe('myname')
    expect(portName('with_X2D_dash')).toBe('with-dash')
  })
})

describe('values of metadata', () => {
  const values = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string().map((text) => `UTF-8''${text}`),
    fc.string().map((text) => `UTF-8''${encodeURIComponent(text)}`),
    fc.string({ unit: 'binary' }).map(azureValue),
  )

  it.each([
    ['value', 'value'],
    ['a=b; c, "d" 100% \\', 'a=b; c, "d" 100% \\'],
    ['', "UTF-8''"],
    [' a', "UTF-8''%20a"],
    ['a ', "UTF-8''a%20"],
    ['a  b', "UTF-8''a%20%20b"],
    ['a\tb', "UTF-8''a%09b"],
    ['grün', "UTF-8''gr%C3%BCn"],
    ["UTF-8''gr%C3%BCn", "UTF-8''UTF-8''gr%25C3%25BCn"],
    ["UTF-8''plain", "UTF-8''plain"],
  ])('spells %j as %j, and back', (value, azure) => {
    expect(azureValue(value)).toBe(azure)
    expect(portValue(azure)).toBe(value)
  })

  it('spells every value in visible ASCII, and back', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(isPlain(azureValue(value))).toBe(true)
        expect(portValue(azureValue(value))).toBe(value)
      }),
      { numRuns: 5000 },
    )
  })

  it('gives back every value that somebody else wrote', () => {
    fc.assert(
      fc.property(values.filter(isPlain), (value) => {
        expect(azureValue(portValue(value))).toBe(value)
      }),
      { numRuns: 5000 },
    )
  })
})
