/** The plainest face: keeps under a path what is put there. It says its address, and at its end the most memory it had. */
import { openEngine } from '#local/servers/engine/engine.ts'
import { serve } from '#local/servers/http/serve.ts'

const [folder = ''] = process.argv.slice(2)
const engine = await openEngine({ folder, now: Date.now })
engine.createBucket('bucket', {})
const bucket = engine.bucket('bucket')!

const serving = await serve(
  async ({ method, target: key, body }) => {
    if (method === 'PUT') {
      const content = await engine.take(body, ['md5'])
      bucket.transact((change) => {
        const order = change.nextOrder()
        const versions = { id: String(order), order, live: true, marker: false, dateMs: 0, leftMs: null }
        change.add({ key, ...versions, content, attributes: {} })
      })
      return { status: 200, headers: { etag: content.sums.md5 }, body: null }
    }
    const entry = bucket.live(key)
    if (entry === null) return { status: 404, headers: {}, body: 'absent' }
    return { status: 200, headers: { 'content-length': entry.content.size }, body: engine.read(entry.content) }
  },
  { now: Date.now, failed: (error) => ({ status: 500, headers: {}, body: String(error) }) },
)
// The system's own figure of the most a process had begins with what its parent had.
let most = 0
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss())
}, 5)
process.stdout.write(`${serving.url}\n`)
process.once('SIGTERM', () => {
  void (async () => {
    await serving.close()
    await engine.close()
    clearInterval(watch)
    process.stdout.write(`${most}\n`)
  })()
})
