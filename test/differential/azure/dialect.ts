import type { Dialect, Names, Request, Response, Voice } from '#test/differential/operation.ts'
import { Stream } from '#test/simulation/random.ts'
import { assignedByAzure, readAzure } from './answers.ts'
import { draw } from './draw.ts'
import { learnAzure } from './learn.ts'
import { AzureState } from './state.ts'

/** Azure Blob, in one container. */
export function azureDialect(seed: number): Dialect<AzureState> {
  return {
    wire: 'azure',
    async prepare(voice, names, tag) {
      names.bind('container', `isobar-differential-${tag}`)
      names.bind('base', voice.base ?? '')
      const made = await ask(voice, names, { method: 'PUT', path: ['‹container›'], query: { restype: 'container' } })
      if (made.status !== 201)
        throw new Error(`${voice.base}: found ${made.status} ${made.body.toString()}, expected a container`)
    },
    begin: () => new AzureState(new Stream(seed, 'azure')),
    draw,
    assigned: assignedByAzure,
    read: readAzure,
    learn: learnAzure,
    drop,
    forget: (state, _, key) => state.forget(key),
  }
}

/** A lease is broken first. Blocks that wait go where a list of none is committed: Azurite keeps them through all else. */
async function drop(voice: Voice, names: Names, _: string, key: string): Promise<void> {
  const path = ['‹container›', ...key.split('/')]
  const headers = { 'x-ms-lease-action': 'break', 'x-ms-lease-break-period': '0' }
  await ask(voice, names, { method: 'PUT', path, query: { comp: 'lease' }, headers })
  await ask(voice, names, { method: 'PUT', path, query: { comp: 'blocklist' }, body: '<BlockList></BlockList>' })
  await ask(voice, names, { method: 'DELETE', path, headers: { 'x-ms-delete-snapshots': 'include' } })
}

function ask(
  voice: Voice,
  names: Names,
  asking: Pick<Request, 'method' | 'path'> & Partial<Request>,
): Promise<Response> {
  return voice.send(names.resolve({ query: {}, headers: {}, body: '', ...asking }))
}
