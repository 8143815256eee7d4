import { app } from '@azure/functions'
import { loadConfig } from '#functions/config.ts'
import { journal } from '#functions/journal.ts'
import { coreFor } from '#functions/runtime.ts'
import { storesFor } from '#functions/stores.ts'
import { queuesOf } from './queues.ts'
import { objectChanged } from './triggers/object-changed.ts'
import { reconcile } from './triggers/reconcile.ts'
import { transferPart } from './triggers/transfer-part.ts'

// Runs on cold start only; the handler runs for every entry of the queue.
const config = await loadConfig(process.env)
const core = await coreFor(config, await storesFor(config, { platform: 'azure', environment: process.env }))

const queues = queuesOf(process.env)
const work = { core, queues, journal: journal(console.log) }
const handler = objectChanged(work)

app.storageQueue('object-changed', { queueName: 'isobar-object-changed', connection: 'ISOBAR_QUEUES', handler })
// Without a queue between, for whoever wants it so: its events come back by Event Grid's clock, not by ours.
app.eventGrid('object-changed-direct', { handler })

app.storageQueue('transfer-part', {
  queueName: 'isobar-transfer-part',
  connection: 'ISOBAR_QUEUES',
  handler: transferPart(work),
})
app.timer('reconcile', { schedule: '0 30 2 * * *', handler: reconcile(work, false) })
app.timer('reconcile-deep', { schedule: '0 30 4 * * 0', handler: reconcile(work, true) })
