/** The thread that holds a world's clouds: engines, faces, the SDKs and the drivers before them. It answers one request after another. */
import { type MessagePort, workerData } from 'node:worker_threads'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { Clouds } from './clouds-of-world.ts'
import type { Asked, Happened, Told } from './words.ts'

const { port, answers } = workerData as { readonly port: MessagePort; readonly answers: SharedArrayBuffer }
const count = new Int32Array(answers)
const clouds = new Clouds(await loadHashing())

/** What was thrown where nobody listened: told with the next answer. */
const unheard: string[] = []
process.on('unhandledRejection', (reason) => unheard.push(textOf(reason)))

port.on('message', (asked: Asked) => {
  void answer(asked).then((told) => {
    port.postMessage(told)
    Atomics.add(count, 0, 1)
    Atomics.notify(count, 0)
  })
})

async function answer(asked: Asked): Promise<Told> {
  let said: Told['answer']
  let happened: readonly Happened[] = []
  try {
    const { value, changes } = await clouds.answer(asked)
    said = value
    happened = changes
  } catch (thrown) {
    said = { defect: textOf(thrown) }
  }
  const [unheardOf] = unheard.splice(0)
  return { answer: unheardOf === undefined ? said : { defect: `nobody listened: ${unheardOf}` }, happened }
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
}
