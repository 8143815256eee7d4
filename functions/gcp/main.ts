import { cloudEvent } from '@google-cloud/functions-framework'
import { loadConfig } from '#functions/config.ts'
import { journal } from '#functions/journal.ts'
import { coreFor } from '#functions/runtime.ts'
import { storesFor } from '#functions/stores.ts'
import { queuesOf } from './queues.ts'
import { objectChanged } from './triggers/object-changed.ts'

// Runs on cold start only; the handler runs for every event.
const config = await loadConfig(process.env)
const core = await coreFor(config, await storesFor(config, { platform: 'gcp', environment: process.env }))

const queues = queuesOf(process.env)

cloudEvent('object-changed', objectChanged({ core, queues, journal: journal(console.log) }))
