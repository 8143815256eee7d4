import { app } from '@azure/functions'
import { loadConfig } from '#functions/config.ts'
import { journal } from '#functions/journal.ts'
import { coreFor } from '#functions/runtime.ts'
import { storesFor } from '#functions/stores.ts'
import { queuesOf } from './queues.ts'
import { objectChanged } from './triggers/object-changed.ts'

// Runs on cold start only; the handler runs for every entry of the queue.
const config = await loadConfig(process.env)
const core = await coreFor(config, await storesFor(config, { platform: 'azure', environment: process.env }))

const queues = queuesOf(process.env)
const handler = objectChanged({ core, queues, journal: journal(console.log) })

app.storageQueue('object-changed', { queueName: 'isobar-object-changed', connection: 'ISOBAR_QUEUES', handler })
// Without a queue between, for whoever wants it so: its events come back by Event Grid's clock, not by ours.
app.eventGrid('object-changed-direct', { handler })
