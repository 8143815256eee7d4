/** When every world begins: a Thursday, a whole second. */
export const startMs: number = Date.UTC(2026, 0, 1)
