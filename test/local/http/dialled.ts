import { connect, type Socket } from 'node:net'

/** One connection, as bytes: what no client would send, and what a client would not show. */
export interface Line {
  readonly socket: Socket
  /** One byte a character. */
  send(text: string): void
  /** What has arrived since it was last forgotten, once that holds this. */
  hears(text: string): Promise<string>
  /** What has arrived until the other side ended it. */
  end(): Promise<string>
  forget(): void
}

export function dialled(port: number): Line {
  const socket = connect(port, '127.0.0.1')
  const state = { heard: '', ended: false }
  const waiting: (() => void)[] = []
  const news = async () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve)
    })
  const tell = () => {
    for (const hear of waiting.splice(0)) hear()
  }
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    state.heard += text
    tell()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    state.ended = true
    tell()
  })
  return {
    socket,
    send: (text) => void socket.write(text, 'latin1'),
    async hears(text) {
      while (!state.heard.includes(text)) {
        if (state.ended) throw new Error(`the connection ended after ${JSON.stringify(state.heard)}`)
        await news()
      }
      return state.heard
    },
    async end() {
      while (!state.ended) await news()
      return state.heard
    },
    forget() {
      state.heard = ''
    },
  }
}
