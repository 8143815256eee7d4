import { azureFace } from '#local/servers/azure/face.ts'
import { type Wire, wireOf } from '#test/differential/wire.ts'
import { wellKnown } from '#test/local/azure/well-known.ts'
import { engineOnDisk } from '#test/local/on-disk.ts'
import { azureDialect } from './dialect.ts'
import { azurite } from './azurite.ts'
import { azureVoice } from './voice.ts'

const account = { name: 'isobar', key: Buffer.from('of this run alone').toString('base64') }

export const azure: Wire = wireOf({
  dialect: azureDialect,
  referee: azurite,
  async embedded() {
    const engine = await engineOnDisk()
    const face = await azureFace({ engine, now: Date.now, accounts: [account] })
    return {
      voice: azureVoice({ origin: face.url, account: account.name, key: account.key }),
      async close() {
        await face.close()
        await engine.close()
      },
    }
  },
  at: (url, said) =>
    azureVoice({
      origin: new URL(url).origin,
      account: said('ACCOUNT', wellKnown.account),
      key: said('KEY', wellKnown.key),
    }),
})
