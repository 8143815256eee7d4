/** The innermost line of the protocols that waits right now, as `file:function:line`; `null` where none does. */
export function whereInTheCore(): string | null {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 60
  const { stack = '' } = new Error('where')
  Error.stackTraceLimit = stackTraceLimit
  for (const line of stack.split('\n')) {
    const found =
      /at (?:async )?(?:([^ ]+) (?:\[as [^\]]*\] )?)?\(?.*\/shared\/(replication|reconcile)\/([\w-]+)\.ts:(\d+)/.exec(
        line,
      )
    if (found !== null) return `${found[2]}/${found[3]}.ts:${shortName(found[1])}:${found[4]}`
  }
  return null
}

function shortName(name: string | undefined): string {
  return (name ?? '').replace(/^.*\.#?/, '') || '-'
}
