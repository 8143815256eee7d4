import { readdirSync, readFileSync } from 'node:fs'

const rooms = ['replication', 'reconcile'] as const
const shared = new URL('../../shared/', import.meta.url)

/** Where the protocols ask the world for something: a request, a piece of a body, a sleep. */
const asking =
  /(?:[\w#\])]*(?:store|home|lane|source|clock)[\w)]*(?:\([^()]*\))?|store\([\w.]+\))\.(head|get|tags|put|remove|versions|list|listVersions|parts|putPart|commit|discard|sleep)\(|for await \(const chunk of found/g

/** Each line of the protocols at which a function may die waiting, as `file:line`. */
export function portAwaits(): readonly string[] {
  const found = rooms.flatMap((room) => {
    const folder = new URL(`${room}/`, shared)
    return filesOf(folder).flatMap((file) => linesOf(`${room}/${file}`, readFileSync(new URL(file, folder), 'utf8')))
  })
  return [...new Set(found)]
}

function filesOf(folder: URL): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.ts'))
  } catch {
    return []
  }
}

function linesOf(file: string, text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
  return [...code.matchAll(asking)]
    .map((match) => code.slice(0, match.index + match[0].length).split('\n').length)
    .map((line) => `${file}:${line}`)
}

/** `room/file.ts:function:line` as `room/file.ts:line`. */
export function lineOf(where: string): string {
  return where.replace(/:[^:]*:(\d+)$/, ':$1')
}
