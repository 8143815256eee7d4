import { describe } from 'vitest'
import { document, group, route, type Fields, type Json } from './documents.ts'
import { acceptsEach, refusesEach, withRoute, type Mistake } from './refusals.ts'

const between: Fields = { ...group, id: 'both', among: ['azure', 'gcp'], prefix: '' }
const back: Fields = { id: 'back', from: 'archive', to: ['aws'] }

const withStay = (changes: Fields, stay: Fields): Json => document([{ ...route, ...changes }], { stay: [stay] })

const mistakes: readonly Mistake[] = [
  [
    'two groups for one key',
    document([group, between]),
    'replicate[1]: found keys that begin with "media/" at azure, as in group media, expected other keys than that group’s: by "prefix", or by an "exclude"',
  ],
  [
    'a circle of two routes',
    document([route, back]),
    'replicate[0]: found a circle: from aws to archive by route vault, to aws by route back, expected routes and groups on which no copy comes back',
  ],
  [
    'a circle by way of a group',
    document([{ ...group, prefix: '' }, route, { ...back, to: ['azure'], intoGroup: true }]),
    'replicate[1]: found a circle: from aws to archive by route vault, to azure by route back, to aws by group media, expected routes and groups on which no copy comes back',
  ],
  [
    'a circle inside a group',
    document([group, { ...route, to: ['azure'], prefix: 'media/', intoGroup: true }]),
    'replicate[1]: found a circle: from aws to azure by route vault, to aws by group media, expected routes and groups on which no copy comes back',
  ],
  [
    'a circle under new names',
    document([
      { ...route, prefix: 'a/', rename: { from: 'a/', to: 'b/' } },
      { ...back, prefix: 'b/', rename: { from: 'b/', to: 'a/' } },
    ]),
    'replicate[0]: found a circle: from aws to archive by route vault, to aws by route back, expected routes and groups on which no copy comes back',
  ],
  [
    'two routes to one target',
    document([route, { ...route, id: 'other', from: 'gcp', prefix: 'a/' }]),
    'replicate[1].to[0]: found keys that begin with "a/" at archive, which route vault writes too at archive, expected one route',
  ],
  [
    'two routes into one group',
    document([
      group,
      { id: 'a', from: 'gcp', to: ['aws'], intoGroup: true },
      { id: 'b', from: 'cellar', to: ['azure'], intoGroup: true },
    ]),
    'replicate[2].to[0]: found keys that begin with "media/" at azure, which route a writes too at aws, whence group media takes them here, expected one route',
  ],
  [
    'one route to two members',
    document([group, { id: 'a', from: 'gcp', to: ['aws', 'azure'], intoGroup: true }]),
    'replicate[1].to[1]: found keys that begin with "media/" at azure, which this route writes too at aws, whence group media takes them here, expected one route',
  ],
  [
    'a route into a group unsaid',
    document([group, { id: 'in', from: 'gcp', to: ['aws'] }]),
    'replicate[1].intoGroup: found nothing, though the route writes keys that begin with "media/" of group media at aws, expected true',
  ],
  [
    'a route into no group',
    withRoute({ intoGroup: true }),
    'replicate[1].intoGroup: found true, expected false, or no "intoGroup": the route writes no key of a group',
  ],
  [
    'a route out of its place',
    document([route], { stay: [{ prefix: 'eu/', sites: ['aws'] }] }),
    'replicate[0].to[0]: found "archive", for keys that begin with "eu/", expected none of these keys outside aws, as stay[0]',
  ],
  [
    'a group out of its region',
    document([group], { stay: [{ include: ['**/private/*'], regions: ['westeurope'] }] }),
    'replicate[0].among[0]: found "aws", for keys that begin with "media/", expected none of these keys outside azure',
  ],
  [
    'a route that leaves only some of a stay rule’s folder',
    withStay({ exclude: ['p/*'] }, { prefix: 'p/', sites: ['aws'] }),
    'replicate[0].to[0]: found "archive", for keys that begin with "p/", expected none of these keys outside aws, as stay[0] says: "exclude" them by "p/**", as narrower patterns leave some of them',
  ],
  [
    'a route that leaves what a stay rule’s pattern takes in other words',
    withStay({ exclude: ['**/*.secre?'] }, { include: ['**/*.secret'], sites: ['aws'] }),
    'replicate[0].to[0]: found "archive", for all keys, expected none of these keys outside aws, as stay[0] says: "exclude" them by the same pattern, or by whole folders such as "logs/**"',
  ],
  [
    'a route that leaves one of two patterns of a stay rule',
    withStay({ exclude: ['**/*.secret'] }, { include: ['**/*.secret', 'p/*.key'], sites: ['aws'] }),
    'replicate[0].to[0]: found "archive", for keys that begin with "p/", expected none of these keys outside aws',
  ],
  [
    'a route that leaves a pattern of a stay rule under other names than it writes',
    withStay(
      { prefix: 'a/', exclude: ['a/b/*'], rename: { from: 'a/', to: 'a/b/' } },
      { include: ['a/b/*'], sites: ['aws'] },
    ),
    'replicate[0].to[0]: found "archive", for keys that begin with "a/b/", expected none of these keys outside aws, as stay[0] says: "exclude" them under their names at the source, by whole folders such as "logs/**"',
  ],
  [
    'a key out of its stay rule by name',
    document([{ ...route, prefix: 'eu/', rename: { from: 'eu/', to: 'all/' } }], {
      stay: [{ prefix: 'eu/', sites: ['aws', 'archive'] }],
    }),
    'replicate[0].rename: found keys that begin with "all/", expected names that stay[0] covers',
  ],
  [
    'a name that must stay elsewhere',
    document([{ ...route, prefix: 'a/', rename: { from: 'a/', to: 'eu/a/' } }], {
      stay: [{ prefix: 'eu/', sites: ['aws'] }],
    }),
    'replicate[0].to[0]: found "archive", for keys that begin with "eu/a/", expected none of these keys outside aws',
  ],
  [
    'a pattern out of a stay rule by name',
    document([{ ...route, prefix: 'eu/', rename: { from: 'eu/', to: 'eu/b/' } }], {
      stay: [{ include: ['eu/*', 'x/**'], sites: ['archive'] }],
    }),
    'replicate[0].rename: found keys that begin with "eu/b/", expected names that stay[0] covers too',
  ],
  [
    'a circle that does not begin with the first rule',
    document([
      { id: 'in', from: 'gcp', to: ['aws'] },
      { id: 'two', from: 'cellar', to: ['archive'] },
      { id: 'one', from: 'archive', to: ['azure'] },
      { id: 'three', from: 'azure', to: ['cellar'] },
    ]),
    'replicate[1]: found a circle: from cellar to archive by route two, to azure by route one, to cellar by route three, expected',
  ],
  [
    'a circle behind a way into it, told from its first rule',
    document([
      { id: 'in', from: 'gcp', to: ['aws'] },
      { id: 'back', from: 'archive', to: ['aws'] },
      { id: 'out', from: 'aws', to: ['archive'] },
    ]),
    'replicate[1]: found a circle: from archive to aws by route back, to archive by route out, expected',
  ],
  [
    'two routes to one folder, of which one excludes a folder in it',
    document([
      { ...route, prefix: 'a/', exclude: ['a/b/**'], rename: { from: 'a/', to: 't/' } },
      { ...route, id: 'other', from: 'gcp', prefix: 't/' },
    ]),
    'replicate[1].to[0]: found keys that begin with "t/" at archive, which route vault writes too at archive, expected one route',
  ],
  [
    'a circle beside a dead end',
    document([
      { id: 'out', from: 'aws', to: ['archive', 'gcp'] },
      { id: 'end', from: 'archive', to: ['cellar'] },
      { id: 'back', from: 'gcp', to: ['aws'] },
    ]),
    'replicate[0]: found a circle: from aws to gcp by route out, to aws by route back, expected',
  ],
  [
    'two groups for all keys',
    document([{ ...group, prefix: '' }, between]),
    'replicate[1]: found all keys at azure, as in group media, expected other keys',
  ],
  [
    'a member whose objects cannot be read at once',
    document([{ ...group, storageClass: { azure: 'Archive' } }]),
    'replicate[0].storageClass.azure: found "Archive", expected a class whose objects can be read at once: group media reads them there',
  ],
  [
    'a route from where objects cannot be read at once',
    document([
      { ...route, storageClass: { archive: 'DEEP_ARCHIVE' } },
      { ...back, to: ['gcp'], prefix: 'a/' },
    ]),
    'replicate[0].storageClass.archive: found "DEEP_ARCHIVE", expected a class whose objects can be read at once: route back reads them there',
  ],
  [
    'a route into a group that could not read what it gets',
    document([group, { id: 'in', from: 'gcp', to: ['aws'], intoGroup: true, storageClass: { aws: 'GLACIER' } }]),
    'replicate[1].storageClass.aws: found "GLACIER", expected a class whose objects can be read at once: group media reads them there',
  ],
  [
    'two stay rules that leave a key no place',
    document([{ ...route, prefix: 'b/' }], {
      stay: [
        { prefix: 'a/', sites: ['aws', 'azure'] },
        { include: ['x', '**/*.dcm'], sites: ['gcp', 'archive'] },
      ],
    }),
    'stay[1]: found keys that begin with "a/", which by stay[0] may lie only at aws, azure, expected a site that both stay rules name, or other keys',
  ],
  [
    'tags where no object has any',
    document([
      { ...group, among: ['aws', 'gcp'] },
      { ...route, from: 'gcp', prefix: 'incoming/', tags: { state: 'approved' } },
    ]),
    'replicate[1].tags: found a filter from "gcp", where no rule brings these keys, expected none: objects in Cloud Storage have no tags but those of a copy',
  ],
]

describe('rules that do harm together are refused', () => {
  refusesEach(mistakes)
})

const harmless: readonly (readonly [what: string, document: Json])[] = [
  ['a route between members on keys that are not the group’s', withRoute({ to: ['azure'], prefix: 'logs/' })],
  [
    'two routes that cross on different keys',
    document([
      { ...route, prefix: 'a/' },
      { ...back, prefix: 'b/' },
    ]),
  ],
  ['a chain of routes that a group feeds', document([group, route, { ...back, id: 'on', to: ['cellar'] }])],
  ['two groups of which one leaves the other a folder', document([group, { ...between, exclude: ['media/**'] }])],
  [
    'a group that leaves the very patterns of a stay rule',
    document([{ ...group, exclude: ['**/*.secret', '**/*.key'] }], {
      stay: [{ include: ['**/*.key', '**/*.secret'], sites: ['aws'] }],
    }),
  ],
  [
    'a rename of all but the very pattern of a stay rule',
    withStay(
      { prefix: 'a/', exclude: ['a/x*/*'], rename: { from: 'a/', to: 'b/' } },
      { include: ['a/x*/*'], sites: ['aws'] },
    ),
  ],
  [
    'a rename of what a stay rule does not hold',
    document([{ ...route, exclude: ['eu/**'], rename: { from: '', to: 'copy/' } }], {
      stay: [{ prefix: 'eu/', sites: ['aws'] }],
    }),
  ],
  [
    'a rename within what a stay rule holds',
    document([{ ...route, prefix: 'eu/', rename: { from: 'eu/', to: 'eu/b/' } }], {
      stay: [{ include: ['eu/**'], sites: ['archive'] }],
    }),
  ],
  [
    'one folder for two groups that share no site',
    document([group, { ...group, id: 'far', among: ['gcp', 'archive'] }]),
  ],
  [
    'a route inside the pattern of a stay rule',
    document([route], { stay: [{ include: ['eu/*'], sites: ['archive'] }] }),
  ],
  [
    'a rename within one of two folders that a stay rule holds',
    document([{ ...route, prefix: 'eu/', rename: { from: 'eu/', to: 'x/' } }], {
      stay: [{ include: ['eu/**', 'x/**'], sites: ['archive'] }],
    }),
  ],
  [
    'a rename within a prefix that a stay rule holds',
    document([{ ...route, prefix: 'eu/', rename: { from: 'eu/', to: 'eu/b/' } }], {
      stay: [{ prefix: 'eu/', sites: ['archive'] }],
    }),
  ],
  [
    'two routes of which one leaves the other a folder, under its new name',
    document([
      { ...route, prefix: 'p/', exclude: ['p/a/**'], rename: { from: 'p/', to: 't/' } },
      { ...route, id: 'other', from: 'gcp', prefix: 'a/', rename: { from: 'a/', to: 't/a/' } },
    ]),
  ],
  [
    'a class that cannot be read at once, where nobody reads it',
    document([
      { ...route, prefix: 'a/', rename: { from: 'a/', to: 'b/' }, storageClass: { archive: 'GLACIER' } },
      { ...back, to: ['cellar'], prefix: 'a/' },
    ]),
  ],
  [
    'classes of archives that can be read at once, where they are read',
    document([{ ...group, among: ['aws', 'gcp'], storageClass: { aws: 'GLACIER_IR', gcp: 'ARCHIVE' } }]),
  ],
  [
    'a class of a store of one’s own, whatever it is called',
    document([
      { ...route, to: ['cellar'], storageClass: { cellar: 'GLACIER' } },
      { ...back, from: 'cellar', to: ['gcp'] },
    ]),
  ],
  [
    'tags in Cloud Storage that a group brings',
    document([
      { ...group, among: ['aws', 'gcp'] },
      { ...route, from: 'gcp', tags: { a: 'b' } },
    ]),
  ],
  [
    'tags in Cloud Storage that a route brings',
    document([
      { ...route, to: ['gcp'], prefix: 'a/', rename: { from: 'a/', to: 'b/' } },
      { ...back, from: 'gcp', to: ['cellar'], prefix: 'b/', tags: { a: 'b' } },
    ]),
  ],
  [
    'two stay rules that share a site, or no key',
    document([{ ...route, prefix: 'b/' }], {
      stay: [
        { prefix: 'a/', sites: ['aws', 'azure'] },
        { include: ['a/*'], sites: ['azure', 'gcp'] },
        { include: ['x/**/*.jpg'], sites: ['aws'] },
        { include: ['x/**/*.png'], regions: ['westeurope'] },
      ],
    }),
  ],
  ['tags where objects have some', document([{ ...route, from: 'azure', tags: { a: 'b' } }])],
]

describe('rules that do no harm together are accepted', () => {
  acceptsEach(harmless)
})
