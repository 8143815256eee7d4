/**
 * usage: node test/local/azure/probe.ts [URL]
 * Asks a server that speaks Azure Blob what it answers, one line a question: `yes` is the cloud's own answer, `no` another, `ERROR` a
 * refusal or crash before the question could be put. Without a URL it asks the embedded face. The account is that of Azurite, unless
 * AZURE_ACCOUNT and AZURE_KEY name another.
 */
import { describe } from './describe.ts'
import { questions } from './questions.ts'
import type { World } from './question.ts'
import { wellKnown } from './well-known.ts'
import { embedded, worldAt } from './world.ts'

async function ask(world: World): Promise<void> {
  const counts = { yes: 0, no: 0, ERROR: 0 }
  for (const [theme, list] of Object.entries(questions)) {
    console.log(`      ${theme}`)
    for (const { ask, look } of list) {
      const { answer, said } = await look(world).then(
        (finding) => {
          const [held, said] = typeof finding === 'boolean' ? [finding, ''] : finding
          return { answer: held ? ('yes' as const) : ('no' as const), said }
        },
        (thrown: unknown) => ({ answer: 'ERROR' as const, said: describe(thrown) }),
      )
      counts[answer]++
      console.log(`${answer.padEnd(5)} ${ask}${said === '' ? '' : `  [${said}]`}`)
    }
  }
  console.log(`sum   yes ${counts.yes}, no ${counts.no}, error ${counts.ERROR}`)
}

const [url] = process.argv.slice(2)
if (url === undefined) {
  const running = await embedded()
  await ask(await worldAt(running.site))
  await running.close()
} else {
  const { AZURE_ACCOUNT: account = wellKnown.account, AZURE_KEY: key = wellKnown.key } = process.env
  await ask(await worldAt({ origin: url.replace(/\/$/, ''), account, key }))
}
