/** What the laws of the file that runs now have opened, in the order in which they did. A worker runs one file at a time. */
const ends: (() => unknown)[] = []

/**
 * Ends something once the laws of this file are over; test/leave-nothing.ts sees to it. For what is opened in a module that several files
 * share: a hook there would belong to the first of them alone, since a worker loads a module once and runs many files.
 */
export function atEndOfFile(end: () => unknown): void {
  ends.push(end)
}

/** The last opened ends first. Each is ended, whatever another throws; what was thrown first is thrown then. */
export async function endFile(): Promise<void> {
  const thrown: unknown[] = []
  for (const end of ends.splice(0).toReversed()) {
    try {
      await end()
    } catch (reason) {
      thrown.push(reason)
    }
  }
  if (thrown.length > 0) throw thrown[0]
}
