import { gcsFace } from '#local/servers/gcs/face.ts'
import { type Wire, wireOf } from '#test/differential/wire.ts'
import { engineOnDisk } from '#test/local/on-disk.ts'
import { gcsDialect } from './dialect.ts'
import { fakeGcsServer } from './fake-gcs-server.ts'
import { gcsVoice } from './voice.ts'

export const gcs: Wire = wireOf({
  dialect: gcsDialect,
  referee: fakeGcsServer,
  async embedded() {
    const engine = await engineOnDisk()
    const face = await gcsFace({ engine, now: Date.now, tokens: ['token'] })
    return {
      voice: gcsVoice(face.url, 'token'),
      async close() {
        await face.close()
        await engine.close()
      },
    }
  },
  at: (url, said) => gcsVoice(url, said('TOKEN', 'token')),
})
