/** As the JSON API writes dates. */
export function rfc3339(ms: number): string {
  return new Date(ms).toISOString()
}

/** As headers carry dates. */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString()
}
