import { describe, expect, it } from 'vitest'
import { document, group, issuesOf, issuesOfText, route } from './documents.ts'
import { refusesEach, withGroup, withRoute, without, type Mistake } from './refusals.ts'

const mistakes: readonly Mistake[] = [
  [
    'a rule of no kind',
    document([{ id: 'x' }]),
    'replicate[0]: found an object, expected "among" for a group, or "from" and "to" for a route',
  ],
  [
    'a rule that is a name',
    document(['x']),
    'replicate[0]: found "x", expected "among" for a group, or "from" and "to" for a route',
  ],
  [
    'a prefix that is a number',
    withRoute({ prefix: 5 }),
    'replicate[1].prefix: found 5, expected the beginning of a key',
  ],
  [
    'a pattern that is a number',
    withRoute({ include: [5] }),
    'replicate[1].include[0]: found 5, expected a pattern over whole keys',
  ],
  [
    'a class that is a number',
    withRoute({ storageClass: { archive: 5 } }),
    'replicate[1].storageClass.archive: found 5, expected a storage class',
  ],
  [
    'a pattern of no text',
    withRoute({ exclude: ['\udc00'] }),
    'replicate[1].exclude[0]: found "\\udc00", expected a pattern of well-formed Unicode',
  ],
  [
    'a schema that is a number',
    document([route], { $schema: 5 }),
    '$schema: found 5, expected the address of the JSON Schema',
  ],
  [
    'a stay rule for an empty prefix',
    document([route], { stay: [{ prefix: '', sites: ['aws'] }] }),
    'stay[0].prefix: found "", expected at least one character; for all keys "include"',
  ],
  [
    'a stay rule for a region without a name',
    document([route], { stay: [{ prefix: 'a', regions: [5] }] }),
    'stay[0].regions[0]: found 5, expected a region',
  ],
  [
    'a field of nothing at all in a group',
    withGroup({ xyzxyz: 1 }),
    'replicate[0].xyzxyz: found an unknown field, expected one of the fields: id, prefix, include, exclude, sloSeconds, windowSeconds, storageClass, guards, paused, dryRun, among, writers',
  ],
  ['a rule id with a dot', withRoute({ id: 'v.1' }), 'replicate[1].id: found "v.1", expected an id'],
  [
    'a group of one',
    withGroup({ among: ['aws'] }),
    'replicate[0].among: found a list of 1, expected a list of at least two sites',
  ],
  [
    'a route to nowhere',
    withRoute({ to: [] }),
    'replicate[1].to: found an empty list, expected a list of at least one site',
  ],
  [
    'a route without targets',
    document([without(route, 'to')]),
    'replicate[0].to: found nothing, expected a list of at least one site',
  ],
  ['a prefix longer than a key', withRoute({ prefix: 'é'.repeat(513) }), 'replicate[1].prefix: found "ééé'],
  [
    'a route from nowhere',
    document([without(route, 'from')]),
    'replicate[0].from: found nothing, expected the id of a site',
  ],
  [
    'a group with a direction',
    withGroup({ from: 'aws' }),
    'replicate[0]: found "among" and "from", expected "among" for a group, or "from" and "to" for a route',
  ],
  [
    'a rule that is both',
    withRoute({ among: ['aws', 'gcp'] }),
    'replicate[1]: found "among" and "from" and "to", expected "among" for a group, or "from" and "to" for a route',
  ],
  [
    'deletes like a rule',
    withRoute({ deletes: { among: [] } }),
    'replicate[1].deletes: found an object, expected true, false or "seen"',
  ],
  [
    'tags in a group',
    withGroup({ tags: { a: 'b' } }),
    'replicate[0].tags: found an object, expected nothing: a later version must not leave a group, so its filter sees the key alone',
  ],
  [
    'sizes in a group',
    withGroup({ size: { min: 1 } }),
    'replicate[0].size: found an object, expected nothing: a later version must not leave a group, so its filter sees the key alone',
  ],
  [
    'deletes in a group',
    withGroup({ deletes: false }),
    'replicate[0].deletes: found false, expected nothing: in a group every deletion counts',
  ],
  [
    'a rename in a group',
    withGroup({ rename: { from: 'a', to: 'b' } }),
    'replicate[0].rename: found an object, expected nothing: in a group a key has one name everywhere',
  ],
  [
    'foreign objects in a group',
    withGroup({ foreign: 'leave' }),
    'replicate[0].foreign: found "leave", expected nothing: in a group every object is somebody’s version, and the latest wins',
  ],
  [
    'one writer at a time',
    withGroup({ writers: 'primary' }),
    'replicate[0].writers: found "primary", expected "any": one writer at a time is not there yet',
  ],
  [
    'a pattern in a prefix',
    withRoute({ prefix: 'a/*' }),
    'replicate[1].prefix: found "a/*", expected a prefix without "*": it is taken literally; patterns belong into "include"',
  ],
  [
    'a prefix of no text',
    withRoute({ prefix: '\ud800' }),
    'replicate[1].prefix: found "\\ud800", expected the beginning of a key, at most 1024 bytes',
  ],
  [
    'an empty pattern',
    withRoute({ include: [''] }),
    'replicate[1].include[0]: found "", expected a pattern with at least one character',
  ],
  [
    'a class of characters',
    withRoute({ include: ['a', '[ab]'] }),
    'replicate[1].include[1]: found "[ab]", expected a pattern of *, ** and ?: put a backslash',
  ],
  [
    'alternatives in a pattern',
    withRoute({ exclude: ['*.{a,b}'] }),
    'replicate[1].exclude[0]: found "*.{a,b}", expected a pattern of *, ** and ?: put a backslash',
  ],
  [
    'a backslash at the end',
    withRoute({ include: ['a\\'] }),
    'replicate[1].include[0]: found "a\\\\", expected a pattern of *, ** and ?: put a backslash',
  ],
  [
    'three stars',
    withRoute({ include: ['a/***'] }),
    'replicate[1].include[0]: found "a/***", expected a pattern with at most two stars in a row',
  ],
  [
    'a negation',
    withRoute({ include: ['!a'] }),
    'replicate[1].include[0]: found "!a", expected a pattern without "!": what must not match belongs into "exclude"',
  ],
  ...(['include', 'exclude'] as const).flatMap((field) =>
    ['tmp', '**/tmp', 'tmp/*', 'tmp/**'].map((folder): Mistake => [
      `a folder’s name for what is in it, in "${field}": ${folder}/`,
      withRoute({ [field]: ['a', `${folder}/`] }),
      `replicate[1].${field}[1]: found "${folder}/", expected "${folder}/**" for all below the folder, or "${folder}\\\\/" for a key that ends`,
    ]),
  ),
  [
    'a stay rule for a folder’s name',
    document([route], { stay: [{ include: ['eu/'], sites: ['aws'] }] }),
    'stay[0].include[0]: found "eu/", expected "eu/**" for all below the folder',
  ],
  [
    'a negative size',
    withRoute({ size: { min: -1 } }),
    'replicate[1].size.min: found -1, expected a whole number of bytes, 0 to 209715200000000',
  ],
  [
    'half a byte',
    withRoute({ size: { max: 0.5 } }),
    'replicate[1].size.max: found 0.5, expected a whole number of bytes, 0 to 9007199254740991',
  ],
  [
    'deletes that may be',
    withRoute({ deletes: 'maybe' }),
    'replicate[1].deletes: found "maybe", expected true, false or "seen"',
  ],
  [
    'an unknown choice',
    withRoute({ foreign: 'keep' }),
    'replicate[1].foreign: found "keep", expected "leave" or "replace"',
  ],
  [
    'a tag that is a number',
    withRoute({ tags: { a: 1 } }),
    'replicate[1].tags.a: found 1, expected a tag’s value, at most 256 characters',
  ],
  [
    'a promise in words',
    withRoute({ sloSeconds: '60' }),
    'replicate[1].sloSeconds: found "60", expected a whole number of seconds, 1 to 604800',
  ],
  [
    'a promise of no time',
    withRoute({ sloSeconds: 0 }),
    'replicate[1].sloSeconds: found 0, expected a whole number of seconds, 1 to 604800',
  ],
  [
    'a guard of nothing',
    document([route], { guards: { maxBytesPerDay: 0 } }),
    'guards.maxBytesPerDay: found 0, expected a whole number of bytes, 1 to 9007199254740991',
  ],
  [
    'a guard below nothing',
    withRoute({ guards: { maxBytesPerDay: -5 } }),
    'replicate[1].guards.maxBytesPerDay: found -5, expected a whole number of bytes, 1 to 9007199254740991',
  ],
  [
    'no deletion at all',
    withGroup({ guards: { deletes: { perHour: 0 } } }),
    'replicate[0].guards.deletes.perHour: found 0, expected a whole number of deletes, 1 to 9007199254740991',
  ],
  [
    'an empty choice of patterns',
    withRoute({ include: [] }),
    'replicate[1].include: found an empty list, expected a list of 1 to 100 patterns',
  ],
  [
    'a limit of deletions without a number',
    withGroup({ guards: { deletes: {} } }),
    'replicate[0].guards.deletes.perHour: found nothing, expected a whole number of deletes, 1 to 9007199254740991',
  ],
  [
    'a size that is none',
    withRoute({ size: {} }),
    'replicate[1].size: found an empty object, expected "min", "max" or both',
  ],
  [
    'a size that every object has',
    withRoute({ size: { min: 0 } }),
    'replicate[1].size: found an object, expected a "min" of at least 1, a "max" or both: this takes every size',
  ],
  [
    'a size that no object has',
    withRoute({ size: { min: 9e15 } }),
    'replicate[1].size.min: found 9000000000000000, expected a whole number of bytes, 0 to 209715200000000',
  ],
  [
    'a size beyond whole numbers, told once',
    withRoute({ size: { max: 1e21 } }),
    'replicate[1].size.max: found a number beyond 9007199254740991, expected a whole number of bytes, 0 to 9007199254740991',
  ],
  [
    'a guard of more than can be counted',
    withRoute({ guards: { maxBytesPerDay: 1e20 } }),
    'replicate[1].guards.maxBytesPerDay: found a number beyond 9007199254740991, expected a whole number of bytes, 1 to 9007199254740991',
  ],
  [
    'a tag’s name that is too long, told by its own length',
    withRoute({ tags: { ['n'.repeat(129)]: '' } }),
    `replicate[1].tags["${'n'.repeat(79)}… (129 characters)]: found "${'n'.repeat(79)}… (129 characters), expected a tag’s name, 1 to 128 characters`,
  ],
  [
    'a prefix of Isobar’s own',
    withGroup({ prefix: '.isobar/media/' }),
    'replicate[0].prefix: found ".isobar/media/", expected another beginning than ".isobar/": keys below it are Isobar’s own',
  ],
  [
    'a pattern of Isobar’s own',
    withRoute({ include: ['a/**', '.isobar/*/x'] }),
    'replicate[1].include[1]: found ".isobar/*/x", expected a pattern of other keys than those below ".isobar/", which are Isobar’s own',
  ],
  [
    'a rename to Isobar’s own',
    withRoute({ prefix: 'a/', rename: { from: 'a/', to: '.isobar/' } }),
    'replicate[1].rename.to: found ".isobar/", expected another beginning than ".isobar/": keys below it are Isobar’s own',
  ],
  [
    'a stay rule for Isobar’s own',
    document([route], { stay: [{ prefix: '.isobar/', sites: ['aws'] }] }),
    'stay[0].prefix: found ".isobar/", expected another beginning than ".isobar/": keys below it are Isobar’s own',
  ],
  [
    'a stay rule for a pattern of Isobar’s own',
    document([route], { stay: [{ include: ['.isobar/**'], sites: ['aws'] }] }),
    'stay[0].include[0]: found ".isobar/**", expected a pattern of other keys than those below ".isobar/", which are Isobar’s own',
  ],
  ['a stay rule by name', document([route], { stay: ['eu/'] }), 'stay[0]: found "eu/", expected an object'],
]

describe('a rule of the wrong shape is refused', () => {
  refusesEach(mistakes)

  it('and nothing that is near to one of these', () => {
    expect(
      issuesOf(
        withRoute({ size: { min: 0, max: 0 }, exclude: ['.isobar/**'], tags: {}, storageClass: {}, guards: {} }),
      ),
    ).toEqual([])
    expect(issuesOf(withRoute({ exclude: [String.raw`**\/`, String.raw`**/tmp\/`, '/a'] }))).toEqual([])
    expect(issuesOf(withRoute({ size: { min: 209715200000000, max: 9e15 } }))).toEqual([])
    expect(issuesOf(withRoute({ include: ['.isobar*/**', '.isobar', '?isobar/x'] }))).toEqual([])
    expect(issuesOf(withRoute({ prefix: '.isobar', rename: { from: '.isobar', to: 'isobar' } }))).toEqual([])
  })

  it('a number that is no number of this machine’s, as what it is', () => {
    const text = JSON.stringify(withRoute({ sloSeconds: 5 }))
    const found = (number: string): readonly (readonly string[])[] =>
      issuesOfText(text.replace('"sloSeconds":5', `"sloSeconds":${number}`)).map(({ path, found }) => [path, found])
    expect(found('1e400')).toEqual([['replicate[1].sloSeconds', 'a number beyond 1.8e308']])
    expect(found('-9007199254740993')).toEqual([['replicate[1].sloSeconds', 'a number beyond -9007199254740991']])
    expect(found('9007199254740991')).toEqual([['replicate[1].sloSeconds', '9007199254740991']])
    expect(found('-1e400')).toEqual([['replicate[1].sloSeconds', 'a number beyond -1.8e308']])
    expect(found('1e-400')).toEqual([['replicate[1].sloSeconds', '0']])
  })

  it('every mistake of one kind at once', () => {
    const issues = issuesOf(
      document(
        [
          { ...group, deletes: true, prefx: '' },
          { ...route, to: [] },
        ],
        { paused: 1 },
      ),
    )
    expect(issues.map(({ path }) => path).toSorted()).toEqual([
      'paused',
      'replicate[0].deletes',
      'replicate[0].prefx',
      'replicate[1].to',
    ])
  })
})
