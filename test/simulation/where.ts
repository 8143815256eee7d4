/**
 * Each place of the protocols that waits for the call which is being made, innermost first, as `room/file.ts:line:column`: the engine keeps
 * the chain of awaits. Empty where the core did not ask.
 */
export function whereInTheCore(): readonly string[] {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 200
  const { stack = '' } = new Error('where')
  Error.stackTraceLimit = stackTraceLimit
  const found = stack.matchAll(/shared\/((?:replication|reconcile)\/[\w-]+\.ts:\d+:\d+)/g)
  return [...new Set([...found].map(([, place]) => place!))]
}
