import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** One TypeScript file of the house and what it imports. Paths are from the root, with `/`. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

export interface Import {
  readonly specifier: string
  /** The file that it names, or `null` for a package, a `node:` module, or a name that no map knows. */
  readonly path: string | null
}

export type House = ReadonlyMap<string, Source>

/** The folders that hold our code. `test/arch` asks that each of them is type-checked. */
export const folders: readonly string[] = ['shared', 'functions', 'local', 'cli', 'cdk', 'test', 'prove']

/** Reads the house below a root: this repository, or a scratch copy that a test has broken. */
export function readHouse(root: string): House {
  const aliases = readAliases(root)
  const paths = folders.flatMap((folder) => typescriptBelow(root, folder))
  return new Map(paths.map((path) => [path, readSource(root, path, aliases)]))
}

function typescriptBelow(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) =>
      posix.join(entry.parentPath.slice(root.length).replaceAll('\\', '/'), entry.name).replace(/^\//, ''),
    )
    .toSorted()
}

type Aliases = readonly (readonly [prefix: string, folder: string])[]

function readAliases(root: string): Aliases {
  const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    imports: Record<string, string>
  }
  return Object.entries(imports).map(([name, target]) => [name.slice(0, -1), target.slice('./'.length, -1)] as const)
}

function readSource(root: string, path: string, aliases: Aliases): Source {
  const text = readFileSync(join(root, path), 'utf8')
  const imports = readImports(text).map((specifier) => ({ specifier, path: resolve(specifier, path, aliases) }))
  return { path, text, imports }
}

function resolve(specifier: string, importer: string, aliases: Aliases): string | null {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(importer), specifier)
  const alias = aliases.find(([prefix]) => specifier.startsWith(prefix))
  return alias === undefined ? null : alias[1] + specifier.slice(alias[0].length)
}

const comments = /^[ \t]*\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm
// What stands between the word and the quote is judged afterwards: a cleverer pattern takes minutes on a long file.
const clause = /\b(?:import|export)\b([^'"`;()=]*)['"]([^'"]+)['"]/g
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g

export function withoutComments(text: string): string {
  return text.replaceAll(comments, '')
}

/** Every specifier that a file imports or re-exports from, statically or by a literal `import()`. */
export function readImports(text: string): string[] {
  const code = withoutComments(text)
  const fixed = [...code.matchAll(clause)].filter(([, between = '']) => /^\s*$|\bfrom\s*$/.test(between))
  return [...fixed.map((match) => match[2] ?? ''), ...[...code.matchAll(dynamic)].map((match) => match[1] ?? '')]
}

/** `@scope/name/deep` and `name/deep` without their depth. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
