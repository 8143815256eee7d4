import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cloudOf, clouds, packagesOfShared, roomOf, rooms } from './rooms.ts'
import { folders, type House, packageOf, withoutComments } from './sources.ts'

/** A wall looks at the house and says in one sentence each what leans on the wrong side. */
export type Wall = (house: House) => string[]

export const importsRunDown: Wall = (house) =>
  edges(house).flatMap(({ from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)]
    const allowed = rooms[room]
    if (allowed === undefined) return [`${from} stands in "${room}", which has no row in test/arch/rooms.ts`]
    if (room === other || allowed.includes(other) || allowed.includes('*')) return []
    return [`${from} imports ${to}: ${room} may see ${allowed.join(', ') || 'nothing'}`]
  })

export const cloudsStandAlone: Wall = (house) =>
  edges(house).flatMap(({ from, to }) => {
    const [cloud, other] = [cloudOf(from), cloudOf(to)]
    return cloud !== null && other !== null && cloud !== other ? [`${from} knows another cloud: ${to}`] : []
  })

export const sharedTakesFewPackages: Wall = (house) =>
  files(house, 'shared/').flatMap(({ path, imports }) =>
    imports
      .filter((one) => one.path === null && !packagesOfShared.includes(packageOf(one.specifier)))
      .map((one) => `${path} imports ${one.specifier}: shared takes only ${packagesOfShared.join(', ')}`),
  )

/** Lint refuses `Date.now()`; the same clock read through a constructor has no lint rule. */
export const sharedReadsNoClock: Wall = (house) =>
  files(house, 'shared/')
    .filter(({ text }) => /\bnew Date(?:\(\s*\)|(?!\s*[(\w]))/.test(text))
    .map(({ path }) => `${path} reads the clock through new Date(): take a Clock`)

const identical = /^(?!drivers\/|forms\/)/

export const cloudsHaveTheSameRooms: Wall = (house) => {
  const built = clouds.map((cloud) => {
    const inside = files(house, `functions/${cloud}/`).map(({ path }) => path.slice(`functions/${cloud}/`.length))
    return { cloud, names: new Set(inside.filter((name) => identical.test(name))) }
  })
  const all = new Set(built.flatMap(({ names }) => [...names]))
  return [...all].flatMap((name) =>
    built
      .filter(({ names }) => !names.has(name))
      .map(({ cloud }) => `functions/${cloud} has no ${name}, and another cloud has`),
  )
}

const decision = /\/(?:decide|plan)[^/]*\.ts$/

/** Lint refuses every global that is no value. What has no name of its own, or one that values have too, is refused here. */
const impure: readonly (readonly [what: RegExp, why: string])[] = [
  [/\bMath\b(?!\.(?:abs|ceil|floor|imul|max|min|round|sign|trunc)\()/, 'a use of Math that may be chance'],
  [/\b(?:async|await)\b/, 'something to wait for'],
  [/\bimport\.meta\b|\bimport\(/, 'surroundings'],
  [/^(?:export )?(?:let|var)\b/m, 'memory from one decision to the next'],
  [/\.constructor\b|\[['"`]constructor['"`]\]/, 'a way to any function'],
  [/\.(?:localeCompare|toLocale\w+)\b/, 'the locale of its machine'],
  [/\.(?:stack|caller|callee)\b/, 'its surroundings'],
]

export const decisionsArePure: Wall = (house) =>
  files(house, 'shared/')
    .filter(({ path }) => decision.test(path))
    .flatMap(({ path, text, imports }) => [
      ...impure.filter(([what]) => what.test(withoutComments(text))).map(([, why]) => `${path} decides by ${why}`),
      ...imports
        .map((one) => one.path ?? one.specifier)
        .filter((seen) => !seen.startsWith('shared/kernel/') && seen !== path.replace(/[^/]+$/, 'model.ts'))
        .map((seen) => `${path} sees ${seen}: a decision sees shared/kernel and its own model.ts`),
    ])

export const decisionsHaveLaws: Wall = (house) =>
  files(house, 'shared/')
    .filter(({ path }) => decision.test(path))
    .map(({ path }) => ({ path, laws: path.replace(/^shared\//, 'test/').replace(/\.ts$/, '.test.ts') }))
    .filter(({ laws }) => !house.has(laws))
    .map(({ path, laws }) => `${path} has no laws: ${laws} is not there`)

/** A checker that shares code with what it judges agrees with its mistakes. */
export const checkerIsIndependent: Wall = (house) =>
  files(house, 'test/simulation/')
    .filter(({ path }) => path.startsWith('test/simulation/checker'))
    .flatMap(({ path }) =>
      [...reach(house, path)]
        .filter((seen) => /^shared\/(?:replication|reconcile|memory)\//.test(seen))
        .map((seen) => `${path} judges with the code that it judges: it reaches ${seen}`),
    )

const emptyWords = /(?:^|[/.-])(?:utils?|helpers?|common|misc|managers?|index)(?=[/.-])/i
const emptyNames = /^export (?:abstract )?(?:class|interface|type|function|const) (\w*(?:Manager|Helpers?|Utils?))\b/gm

export const namesSaySomething: Wall = (house) =>
  [...house.values()].flatMap(({ path, text }) => [
    ...(emptyWords.test(path) ? [`${path}: name it by what it does`] : []),
    ...[...text.matchAll(emptyNames)].map(([, name]) => `${path} exports ${name}: name it by what it does`),
  ])

const mostLines = 300

export const filesAreReadInOneSitting: Wall = (house) =>
  [...house.values()]
    .filter(({ path }) => /^(?:shared|functions|cli|cdk)\//.test(path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > mostLines)
    .map(({ path, lines }) => `${path} has ${lines} lines: more than ${mostLines} are not read in one sitting`)

const titles = /^\s*(?:it|test)(?:\.\w+(?:\([^\n]*?\))?)*\(\s*(['"`])(.+?)\1/gm

/** A law is a sentence that can be false: three words at least, and no "should", which is a wish. A table's rows speak for themselves. */
export const testsAreLaws: Wall = (house) =>
  files(house, 'test/').flatMap(({ path, text }) =>
    [...text.matchAll(titles)]
      .map(([, , title = '']) => title)
      .filter(
        (title) =>
          /^(?:should|works|tests?|handles|correctly)\b/i.test(title) ||
          (!/^[%$]/.test(title) && title.trim().split(/\s+/).length < 3),
      )
      .map((title) => `${path}: "${title}" is no law`),
  )

/** Looks at the root as well: what tsconfig.json does not name, no one checks. */
export function everyFolderIsTypeChecked(house: House, root: string): string[] {
  const { references } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
    references: { path: string }[]
  }
  const named = new Set(references.map(({ path }) => path))
  return folders
    .filter((folder) => files(house, `${folder}/`).length > 0 && !named.has(folder))
    .map((folder) => `tsconfig.json does not refer to ${folder}`)
}

function files(house: House, prefix: string) {
  return [...house.values()].filter(({ path }) => path.startsWith(prefix))
}

function edges(house: House): { from: string; to: string }[] {
  return [...house.values()].flatMap(({ path, imports }) =>
    imports.flatMap((one) => (one.path === null ? [] : [{ from: path, to: one.path }])),
  )
}

function reach(house: House, start: string): Set<string> {
  const seen = new Set([start])
  for (const path of seen) for (const one of house.get(path)?.imports ?? []) if (one.path !== null) seen.add(one.path)
  return seen
}
