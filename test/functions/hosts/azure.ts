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

/** What a subscription of Event Grid asks for. */
export type Schema = 'Event Grid schema' | 'CloudEvents schema'

/** The Functions host with a Storage Queue trigger: it takes off the base64, and its worker's library does the rest. */
export const azure =
  (schema: Schema): StartHost =>
  async (world) => {
    const name = `object-changed-${hosts++}`
    app.storageQueue(name, { queueName: 'q', connection: 'C', handler: objectChanged(world.work) })
    const entry = (type: Told, { key, timeMs }: Happening, container?: string) =>
      base64((schema === 'CloudEvents schema' ? cloudEvent : gridEvent)(type, key, timeMs, container))
    return {
      cloud: 'azure',
      created: (happening) => entry('Created', happening),
      deleted: (happening) => entry('Deleted', happening),
      own: (message) => base64(message),
      garbled: () => Buffer.from('{"topic":').toString('base64'),
      foreign: (happening) => entry('Created', happening, 'not-ours'),
      irrelevant: (happening) => entry('Created', { ...happening, key: `${happening.key}\uFFFD` }),
      fields: { garbled: 'message', bucket: 'subject', key: 'subject' },
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

type Told = 'Created' | 'Deleted'

function gridEvent(type: Told, key: string, timeMs: number, container?: string): object {
  const name = type === 'Created' ? 'azure-blob-created' : 'azure-blob-deleted'
  return recorded(name, { topic, subject: subjectOf(key, container), eventTime: tenthOfMicrosecond(timeMs) })
}

export function cloudEvent(type: Told, key: string, timeMs: number, container?: string): object {
  return recorded('azure-blob-created-cloudevents', {
    source: topic,
    subject: subjectOf(key, container).slice(1),
    type: `Microsoft.Storage.Blob${type}`,
    time: tenthOfMicrosecond(timeMs),
  })
}

function subjectOf(key: string, container = 'test-container'): string {
  return `/blobServices/default/containers/${container}/blobs/${key}`
}

function tenthOfMicrosecond(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '1234Z')
}

export function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}
