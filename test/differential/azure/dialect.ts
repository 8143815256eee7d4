import { ask, expectOk } from '#test/differential/ask.ts'
import type { Dialect, Names, Voice } from '#test/differential/operation.ts'
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
      await expectOk(voice, names, { method: 'PUT', path: ['‹container›'], query: { restype: 'container' } })
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
