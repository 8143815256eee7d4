/** Promises that were rejected with nobody listening: in a cloud's runtime each of them ends the process. */
const heard: string[] = []
let listening = false

/** From now on they are collected; what was collected so far is handed over. */
export function takeUnhandled(): readonly string[] {
  if (!listening) {
    listening = true
    process.on('unhandledRejection', (reason) => heard.push(String(reason)))
  }
  return heard.splice(0)
}
