import { type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { azureContainer } from '#azure/drivers/client.ts'
import { azureStore, type AzureStoreOptions } from '#azure/drivers/object-store.ts'
import { systemClock } from '#functions/runtime.ts'
import type { Hashing } from '#shared/kernel/digest.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { type SiteId, siteId } from '#shared/kernel/ids.ts'
import { type Key, parseKey } from '#shared/kernel/key.ts'
import type { ObjectStore, Write } from '#shared/ports/object-store.ts'
import { bodyOf, bytes } from '#test/contract/subject.ts'
import type { Script } from '#test/functions/drivers/scripted.ts'

export const site: SiteId = siteId('blob')
export const key: Key = parseKey('a/b.txt')
export const hashing: Hashing = await loadHashing()

export function containerAt(endpoint: string): ContainerClient {
  const credential = new StorageSharedKeyCredential('account', Buffer.from('key').toString('base64'))
  return azureContainer({ account: 'account', endpoint: `${endpoint}/account`, credential, container: 'things' })
}

export function storeAt(endpoint: string, options: Partial<AzureStoreOptions> = {}): ObjectStore {
  const { container = containerAt(endpoint) } = options
  return azureStore({ site, hashing, clock: systemClock, versioned: true, ...options, container })
}

/** As Azure says no. */
export function refusing(status: number, code: string, headers: Record<string, string> = {}): Script {
  return (request, answer) => {
    const body =
      request.method === 'HEAD'
        ? ''
        : `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>No.\nRequestId:1</Message></Error>`
    answer.writeHead(status, { 'x-ms-error-code': code, 'content-type': 'application/xml', ...headers }).end(body)
  }
}

export function write(content: string): Write {
  const hasher = hashing.hasher('md5')
  hasher.update(bytes(content))
  const plain = { headers: {}, metadata: {}, tags: {}, storageClass: null }
  return { ...plain, body: bodyOf(bytes(content)), digests: { md5: hasher.digest() } }
}
