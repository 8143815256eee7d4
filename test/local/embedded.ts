/** One embedded cloud as a process of its own. It says its address, and at its end the most memory it had. */
import { azureFace } from '#local/servers/azure/face.ts'
import { bucketName } from '#local/servers/azure/names.ts'
import { openEngine } from '#local/servers/engine/engine.ts'
import { gcsFace } from '#local/servers/gcs/face.ts'
import { s3Face } from '#local/servers/s3/face.ts'
import { account, accountKey, credentials, type Kind, region, token } from './doors.ts'

const [kind = '', folder = ''] = process.argv.slice(2)
const now = Date.now
const engine = await openEngine({ folder, now })
// Cloud Storage's buckets have more to say; there the client makes its own.
if (kind !== 'gcs') engine.createBucket(kind === 'azure' ? bucketName(account, 'large') : 'large', {})
const faces: Readonly<Record<Kind, () => Promise<{ readonly url: string; close(): Promise<void> }>>> = {
  s3: () => s3Face({ engine, now, credentials: [credentials], region }),
  azure: () => azureFace({ engine, now, accounts: [{ name: account, key: accountKey, versioning: false }] }),
  gcs: () => gcsFace({ engine, now, tokens: [token] }),
}
const face = await faces[kind as Kind]()

// The system's own figure of the most a process had begins with what its parent had.
let most = 0
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss())
}, 5)
process.stdout.write(`${face.url}\n`)
process.once('SIGTERM', () => {
  void (async () => {
    await face.close()
    await engine.close()
    clearInterval(watch)
    process.stdout.write(`${most}\n`)
  })()
})
