import { createRequire, registerHooks } from 'node:module'
import { objectChanged } from '#azure/triggers/object-changed.ts'
import { recorded } from '#test/functions/recorded.ts'
import type { Happening, StartHost } from './host.ts'
import type * as FunctionsCore from './functions-core.ts'

const stand = new URL('functions-core.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@azure/functions-core' ? { url: stand, shortCircuit: true } : next(specifier, context),
})
/** The very module that the library sees: required, not imported, so that no test runner makes a second one of it. */
export const core = createRequire(import.meta.url)('@azure/functions-core') as typeof FunctionsCore

const { app } = await import('@azure/functions')

let hosts = 0

/** The Functions host with a Storage Queue trigger: it takes off the base64, and its worker's library does the rest. */
export const azure: StartHost = async (world) => {
  const name = `object-changed-${hosts++}`
  app.storageQueue(name, { queueName: 'q', connection: 'C', handler: objectChanged(world.work) })
  return {
    cloud: 'azure',
    created: ({ key, timeMs }) => entry('azure-blob-created', key, timeMs),
    deleted: ({ key, timeMs }: Happening) => entry('azure-blob-deleted', key, timeMs),
    own: (message) => base64(message),
    garbled: () => Buffer.from('{"topic":').toString('base64'),
    foreign: ({ key }) => {
      const subject = `/blobServices/default/containers/not-ours/blobs/${key}`
      return base64(recorded('azure-blob-created', { topic, subject }))
    },
    irrelevant: ({ key, timeMs }) => entry('azure-blob-created', `${key}\uFFFD`, timeMs),
    deliver: (...entries) =>
      Promise.all(
        entries.map((text) =>
          invoke(name, Buffer.from(String(text), 'base64').toString()).then(
            () => 'done' as const,
            () => 'back' as const,
          ),
        ),
      ),
    close: async () => void core.registered.delete(name),
  }
}

/** One invocation, in the steps in which the worker makes it. */
export async function invoke(name: string, text: string): Promise<void> {
  const { metadata, handler } = core.registered.get(name)!
  const [binding = ''] = Object.keys(metadata.bindings)
  const model = core.model.current!.getInvocationModel({
    invocationId: '9e5d7b0c-0000-4000-8000-000000000000',
    metadata,
    request: { inputData: [{ name: binding, data: { string: text } }] },
    log: () => undefined,
  })
  const { context, inputs } = await model.getArguments()
  await model.getResponse(context, await model.invokeFunction(context, inputs, handler))
}

/** The account of the recorded events has a name that no account can have. */
export const topic =
  '/subscriptions/0b1f6471/resourceGroups/Storage/providers/Microsoft.Storage/storageAccounts/mystorageaccount'

function entry(name: string, key: string, timeMs: number): string {
  const subject = `/blobServices/default/containers/test-container/blobs/${key}`
  // To a tenth of a microsecond.
  const eventTime = new Date(timeMs).toISOString().replace('Z', '1234Z')
  return base64(recorded(name, { topic, subject, eventTime }))
}

export function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}
