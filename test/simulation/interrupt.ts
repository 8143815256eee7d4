import type { ChildProcess } from 'node:child_process'

/**
 * Aborts at the first Ctrl-C: what runs then comes to rest and says what it has found so far. The second one is Node's own, and
 * ends this process at once.
 */
export function interrupted(): AbortSignal {
  const pressed = new AbortController()
  process.once('SIGINT', () => {
    console.error('\nending; Ctrl-C once more to end at once')
    pressed.abort()
  })
  return pressed.signal
}

/** What a shell answers for a command that was ended by Ctrl-C. */
export const interruptedCode = 130

/**
 * For a process that was started by `letGoOf`'s: a terminal sends Ctrl-C to both, but it is the parent that says when the end has come, by closing
 * our standard input. So it does by dying, too.
 */
export function letGo(): AbortSignal {
  const ending = new AbortController()
  process.on('SIGINT', () => undefined)
  process.stdin.once('close', () => ending.abort()).resume()
  // What has come to its end by itself waits for no word.
  ;(process.stdin as { unref?: () => void }).unref?.()
  return ending.signal
}

/** Ends a child that listens by `letGo`, once the signal aborts. */
export function letGoOf(child: ChildProcess, signal: AbortSignal): void {
  const end = () => void child.stdin?.end()
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  child.once('close', () => signal.removeEventListener('abort', end))
}
