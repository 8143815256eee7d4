/** Time as the core sees it: asked for, never read from the runtime, so that a simulation can own it. */
export interface Clock {
  /** Wall time in milliseconds since 1970. May jump; never compared with a store's dates. */
  now(): number
  /** Milliseconds since some fixed moment; never steps back, stands still while a function is frozen. */
  monotonic(): number
  /** Rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
}

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Ten letters of 36: a nonce that no two requests share. */
export function nonce(random: Random): string {
  let text = ''
  for (let i = 0; i < 10; i++) text += alphabet[Math.floor(random.next() * alphabet.length)]
  return text
}
