/** So many at a time, answers in order. After one has failed no other begins; those under way are waited for, and the failure that came first is thrown. */
export async function inParallel<T, U>(
  all: readonly T[],
  atOnce: number,
  act: (one: T, index: number) => Promise<U>,
): Promise<U[]> {
  const done: U[] = []
  const failures: unknown[] = []
  const rest = all.entries()
  const work = async () => {
    for (const [index, one] of rest) {
      if (failures.length > 0) return
      try {
        done[index] = await act(one, index)
      } catch (thrown) {
        failures.push(thrown)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, work))
  if (failures.length > 0) throw failures[0]
  return done
}
