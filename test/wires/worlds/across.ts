import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Asked, Told } from './words.ts'

/** Nothing takes so long on this machine's own wires. */
const patienceMs = 60_000

/**
 * Real wires for a thread that cannot wait. The clouds, their clients and the drivers live in a thread of their own; this one stands still until it has
 * answered. So requests go out one at a time, in the order in which the simulation issued them, and virtual time stands still meanwhile.
 */
export class Across {
  readonly #port: MessagePort
  readonly #worker: Worker
  readonly #answers: Int32Array

  constructor() {
    const { port1, port2 } = new MessageChannel()
    const answers = new SharedArrayBuffer(4)
    this.#port = port1
    this.#answers = new Int32Array(answers)
    this.#worker = new Worker(new URL('thread.ts', import.meta.url), {
      workerData: { port: port2, answers },
      transferList: [port2],
    })
    this.#port.unref()
    this.#worker.unref()
  }

  /** After an answer that did not come, nothing that comes is the answer to what was asked. */
  #broken: string | null = null

  ask(asked: Asked): Told {
    if (this.#broken !== null) throw new Error(this.#broken)
    const before = Atomics.load(this.#answers, 0)
    this.#port.postMessage(asked, [])
    if (Atomics.wait(this.#answers, 0, before, patienceMs) === 'timed-out') {
      const what = JSON.stringify({ of: asked.of, verb: asked.verb, first: asked.args[0] })
      this.#broken = `${what}: no answer from the clouds within ${patienceMs} ms`
      throw new Error(this.#broken)
    }
    const received = receiveMessageOnPort(this.#port)
    if (received === undefined) throw new Error(`${asked.verb}: the clouds answered with nothing`)
    return received.message as Told
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
