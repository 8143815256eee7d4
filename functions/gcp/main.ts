import { cloudEvent } from '@google-cloud/functions-framework'
import { loadConfig } from '#functions/config.ts'
import { journal } from '#functions/journal.ts'
import { coreFor } from '#functions/runtime.ts'
import { storesFor } from '#functions/stores.ts'
import { queuesOf } from './queues.ts'
import { objectChanged } from './triggers/object-changed.ts'
import { reconcile } from './triggers/reconcile.ts'
import { transferPart } from './triggers/transfer-part.ts'

// Runs on cold start only; the handler runs for every event.
const config = await loadConfig(process.env)
const core = await coreFor(config, await storesFor(config, { platform: 'gcp', environment: process.env }))

const queues = queuesOf(process.env)

const work = { core, queues, journal: journal(console.log) }

cloudEvent('object-changed', objectChanged(work))
cloudEvent('transfer-part', transferPart(work))
cloudEvent('reconcile', reconcile(work, false))
cloudEvent('reconcile-deep', reconcile(work, true))
