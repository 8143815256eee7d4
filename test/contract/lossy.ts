import type { ObjectStore } from '#shared/ports/object-store.ts'
import { tamperingProxy } from '#test/functions/drivers/tampering-proxy.ts'
import type { Lossy } from './subject.ts'

/** A store whose connections go by way of a proxy, which breaks each off at the first byte of an answer. */
export async function lossyAt(
  port: number,
  storeAt: (url: string) => ObjectStore,
): Promise<Lossy & { readonly close: () => void }> {
  const proxy = await tamperingProxy(port)
  return {
    store: storeAt(proxy.url),
    async losing(act) {
      proxy.passing.received = () => null
      try {
        return await act()
      } finally {
        proxy.reset()
      }
    },
    close: () => proxy.close(),
  }
}
