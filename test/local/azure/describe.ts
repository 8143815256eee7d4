import { RestError } from '@azure/storage-blob'

/** One line of what went wrong. */
export function describe(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  const status = thrown instanceof RestError ? `${thrown.statusCode ?? ''} ${thrown.code ?? ''} ` : ''
  return `${status}${message.replaceAll(/\s+/g, ' ').slice(0, 140)}`
}
