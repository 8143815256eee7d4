import type { Answer } from '#local/servers/http/answer.ts'

export const jsonType = 'application/json; charset=UTF-8'

export function json(value: object, status: number = 200): Answer {
  return { status, headers: { 'content-type': jsonType }, body: JSON.stringify(value) }
}

export const done: Answer = { status: 204, headers: {}, body: null }
