import { s3Face } from '#local/servers/s3/face.ts'
import { type Wire, wireOf } from '#test/differential/wire.ts'
import { engineOnDisk } from '#test/local/on-disk.ts'
import { s3Dialect } from './dialect.ts'
import { minio } from './minio.ts'
import { s3Voice } from './voice.ts'

const credentials = { accessKeyId: 'isobar', secretAccessKey: 'of this run alone' }
const region = 'us-east-1'

export const s3: Wire = wireOf({
  dialect: s3Dialect,
  referee: minio,
  async embedded() {
    const engine = await engineOnDisk()
    const face = await s3Face({ engine, now: Date.now, credentials: [credentials], region })
    const voice = s3Voice({ url: face.url, ...credentials, region })
    return {
      voice,
      async close() {
        await face.close()
        await engine.close()
      },
    }
  },
  at: (url, said) =>
    s3Voice({
      url,
      accessKeyId: said('KEY_ID'),
      secretAccessKey: said('SECRET'),
      region: said('REGION', region),
    }),
})
