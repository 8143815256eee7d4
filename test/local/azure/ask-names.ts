import { both, collect, put, type Question, refused, same, textOf, type World } from './question.ts'

/** Names that object stores take and file systems, URLs and XML do not; `cafe` in both normal forms of its last letter. */
const odd: Readonly<Record<string, readonly string[]>> = {
  'a b': ['a b', ' a', 'a '],
  'a+b': ['a+b'],
  'a%2Fb': ['a%2Fb'],
  'a%b and %41': ['a%b', '%41'],
  'a//b': ['a//b', 'a/b', 'a///b'],
  '/lead and //lead': ['/lead', '//lead'],
  'dir/ beside dir': ['dir/', 'dir'],
  'x beside x/y': ['node', 'node/leaf'],
  'a leading dot, and dots within': ['.hidden', 'a/.hidden', 'a..b', '..a'],
  emoji: ['emoji \u{1f600}'],
  'e-acute composed and decomposed': ['caf\u00e9', 'cafe\u0301'],
  'XML marks': [`<&>"'`, ']]>'],
  'question mark, hash, semicolon, brackets': ['q?x#y;z[1]{2}'],
  'upper and lower case': ['Case', 'case'],
  '1024 letters in one segment': ['o'.repeat(1024)],
  '1024 letters of three bytes': ['\u65e5'.repeat(1024)],
  '254 segments': [Array.from({ length: 254 }, () => 's').join('/')],
  'U+FFFE and U+FFFF, which XML cannot hold': ['odd \ufffe 100%/x', 'odd \uffff'],
}

async function roundTrip({ fresh }: World, names: readonly string[]): Promise<readonly [boolean, string]> {
  const container = await fresh()
  const one = (name: string) => container.getBlockBlobClient(name)
  const wrong: string[] = []
  for (const name of names) await put(one(name), `body of ${name}`)
  for (const name of names) if ((await textOf(one(name))) !== `body of ${name}`) wrong.push(`other bytes under ${name}`)
  const listed = (await collect(container.listBlobsFlat())).map(({ name }) => name)
  if (listed.toSorted().join('\n') !== names.toSorted().join('\n')) wrong.push(`listed as ${JSON.stringify(listed)}`)
  const exact = await Promise.all(
    names.map(async (prefix) => (await collect(container.listBlobsFlat({ prefix })))[0]?.name),
  )
  if (exact.join('\n') !== names.join('\n')) wrong.push(`with itself as prefix ${JSON.stringify(exact)}`)
  for (const name of names) await one(name).delete()
  const left = await collect(container.listBlobsFlat())
  if (left.length > 0) wrong.push('still listed after its deletion')
  return [wrong.length === 0, wrong.join('; ').slice(0, 200)]
}

async function namesAfter(world: World, path: string): Promise<readonly [string, string[]]> {
  const container = await world.fresh()
  const headers = { 'x-ms-blob-type': 'BlockBlob' }
  const { status, code } = await world.raw('PUT', `/../${container.containerName}/${path}`, { body: 'x', headers })
  const listed = (await collect(container.listBlobsFlat())).map(({ name }) => name)
  return [`${status} ${code}`.trim(), listed]
}

export const names: readonly Question[] = [
  ...Object.entries(odd).map(([name, list]) => ({
    ask: `name ${name}`,
    look: (world: World) => roundTrip(world, list),
  })),
  {
    ask: 'a backslash becomes a slash',
    look: async (world) => same(await namesAfter(world, 'a%5Cb'), ['201', ['a/b']]),
  },
  {
    ask: 'dots that end a name, or a segment, are dropped',
    look: async (world) => same(await namesAfter(world, 'seg./name...'), ['201', ['seg/name']]),
  },
  {
    ask: 'a/../b is b and ./x is x',
    look: async (world) =>
      same([(await namesAfter(world, 'a/../b'))[1], (await namesAfter(world, './x'))[1]], [['b'], ['x']]),
  },
  ...['\u0001', '\n', '\u007f', '\u0081', '\ue000', '\ufffd'].map((letter) => ({
    ask: `a name with U+${letter.codePointAt(0)!.toString(16).padStart(4, '0').toUpperCase()}: 400`,
    look: async (world: World) => {
      const [said, listed] = await namesAfter(world, `a${encodeURIComponent(letter)}b`)
      return [said.startsWith('400') && listed.length === 0, said] as const
    },
  })),
  {
    ask: 'a name that is no UTF-8: 400',
    look: async (world) => {
      const [said] = await namesAfter(world, 'a%ffb')
      return [said.startsWith('400'), said]
    },
  },
  {
    ask: 'a name of 1025 letters, or of 255 segments: 400',
    async look({ container }) {
      const segments = Array.from({ length: 255 }, () => 's').join('/')
      return both(
        await refused(() => put(container.getBlockBlobClient('o'.repeat(1025)), 'x'), '400'),
        await refused(() => put(container.getBlockBlobClient(segments), 'x'), '400'),
      )
    },
  },
  {
    ask: 'container names that break their rules: 400',
    async look({ service }) {
      const told = []
      for (const name of ['Upper', 'double--dash', 'end-', 'under_score']) {
        told.push(await refused(() => service.getContainerClient(name).create(), '400'))
      }
      return both(...told)
    },
  },
]
