import type { Names, Request, Response, Voice } from './operation.ts'

/** A request as it is thought of; what is not said is empty. */
export type Asking = Pick<Request, 'path'> & Partial<Request>

/** Asks one side, beside the run. */
export function ask(voice: Voice, names: Names, asking: Asking): Promise<Response> {
  return voice.send(names.resolve({ method: 'GET', query: {}, headers: {}, body: '', ...asking }))
}

/** For what must be there before a run can begin. */
export async function expectOk(voice: Voice, names: Names, asking: Asking): Promise<Response> {
  const response = await ask(voice, names, asking)
  if (response.status < 300) return response
  const { method = 'GET', path } = asking
  throw new Error(`${method} ${path.join('/')}: found ${response.status} ${response.body.toString()}, expected success`)
}
