import type { MiddyfiedHandler } from '@middy/core'
import type { SQSBatchResponse } from 'aws-lambda'
import { loadConfig } from '#functions/config.ts'
import { journal } from '#functions/journal.ts'
import { coreFor } from '#functions/runtime.ts'
import { storesFor } from '#functions/stores.ts'
import { queuesOf } from './queues.ts'
import { objectChanged } from './triggers/object-changed.ts'
import { reconcile } from './triggers/reconcile.ts'
import { transferPart } from './triggers/transfer-part.ts'

// Runs on cold start only; the handler runs for every batch.
const config = await loadConfig(process.env)
const core = await coreFor(config, await storesFor(config, { platform: 'aws', environment: process.env }))

/** Lambda writes what is printed to the log as it is, one line an entry; its console would put words before the JSON. */
const lines = journal((line) => process.stdout.write(`${line}\n`))

const queues = queuesOf(process.env)

const work = { core, queues, journal: lines }

/** Each is a Lambda function of its own, made of the same bundle. */
export const handler: MiddyfiedHandler<unknown, SQSBatchResponse> = objectChanged(work)
export const transfers: MiddyfiedHandler<unknown, SQSBatchResponse> = transferPart(work)
export const timer: ReturnType<typeof reconcile> = reconcile(work)
