import {
  BlobClient,
  BlobSASPermissions,
  BlobServiceClient,
  ContainerSASPermissions,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { answered, both, put, type Question, refused, same, type World } from './question.ts'

const secret = Buffer.from('not the key').toString('base64')
const soon = () => new Date(Date.now() + 60_000)

async function linked({ blob }: World, permissions: string, expiresOn = soon()) {
  const one = blob()
  await put(one, 'signed')
  return { one, url: await one.generateSasUrl({ permissions: BlobSASPermissions.parse(permissions), expiresOn }) }
}

export const identity: readonly Question[] = [
  {
    ask: 'another key: 403 AuthenticationFailed',
    look: async ({ raw }) =>
      answered(await raw('GET', '', { query: 'restype=container', key: secret }), '403 AuthenticationFailed'),
  },
  {
    ask: 'another account name: 403',
    async look({ site, container }) {
      const credential = new StorageSharedKeyCredential('nobody', site.key)
      const service = new BlobServiceClient(`${site.origin}/${site.account}`, credential, {
        retryOptions: { maxTries: 1 },
      })
      return refused(() => service.getContainerClient(container.containerName).getProperties(), '403')
    },
  },
  {
    ask: 'no signature: refused, and nothing told',
    look: async ({ raw }) =>
      answered(await raw('GET', '', { query: 'restype=container', key: null }), '401', '403', '404', '409'),
  },
  {
    ask: 'a signature of another path: 403',
    async look({ raw, site, container, blob }) {
      const one = blob()
      await put(one, 'x')
      const signedPath = `/${site.account}/${container.containerName}/other`
      return answered(await raw('GET', `/${one.name}`, { signedPath }), '403 AuthenticationFailed')
    },
  },
  {
    ask: 'a date an hour off, in either direction: 403',
    async look({ raw }) {
      const at = async (ms: number) => raw('GET', '', { query: 'restype=container', date: new Date(Date.now() + ms) })
      return both(answered(await at(-3_600_000), '403'), answered(await at(3_600_000), '403'))
    },
  },
  {
    ask: 'an authorization of no known form: 400 or 403',
    async look({ raw }) {
      const headers = { authorization: 'Something else' }
      return answered(await raw('GET', '', { query: 'restype=container', key: null, headers }), '400', '401', '403')
    },
  },
  {
    ask: 'metadata names with underscores and digits are signed as the SDK signs them',
    async look({ blob }) {
      const one = blob()
      const metadata = { a_b: '1', a1: '2', ab: '3', a_1: '4', A_: '5' }
      await put(one, 'x', { metadata })
      return same(Object.keys((await one.getProperties()).metadata ?? {}).length, 5)
    },
  },
  {
    ask: 'and as the documentation has it, by their letters',
    async look({ blob, raw }) {
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'x-ms-meta-a1': '1', 'x-ms-meta-a_1': '2' }
      return answered(await raw('PUT', `/${blob().name}`, { body: 'x', headers }), '201')
    },
  },
  {
    ask: 'a SAS to read reads',
    async look(world) {
      const { url } = await linked(world, 'r')
      return same((await new BlobClient(url).downloadToBuffer()).toString(), 'signed')
    },
  },
  {
    ask: 'a SAS to read does not write or delete: 403',
    async look(world) {
      const { url } = await linked(world, 'r')
      const client = new BlobClient(url).getBlockBlobClient()
      return both(await refused(() => put(client, 'x'), '403'), await refused(() => client.delete(), '403'))
    },
  },
  {
    ask: 'a SAS that has ended, or that was altered: 403',
    async look(world) {
      const ended = await linked(world, 'r', new Date(Date.now() - 60_000))
      const { url } = await linked(world, 'r')
      return both(
        await refused(() => new BlobClient(ended.url).download(), '403'),
        await refused(() => new BlobClient(url.replace('sp=r', 'sp=rw')).download(), '403'),
      )
    },
  },
  {
    ask: 'a SAS of a container lists it, and reads what is in it',
    async look({ container, blob }) {
      const one = blob()
      await put(one, 'signed')
      const { ContainerClient } = await import('@azure/storage-blob')
      const url = await container.generateSasUrl({
        permissions: ContainerSASPermissions.parse('rl'),
        expiresOn: soon(),
      })
      const client = new ContainerClient(url)
      const first = await client.listBlobsFlat({ prefix: one.name }).next()
      const { name } = first.value as { name: string }
      return same([name, (await client.getBlobClient(one.name).downloadToBuffer()).toString()], [one.name, 'signed'])
    },
  },
  {
    ask: 'every answer carries a request id, the client’s own id, the version that was asked, and a date'.replace(
      '’',
      "'",
    ),
    async look({ raw }) {
      const { headers } = await raw('GET', '', {
        query: 'restype=container',
        headers: { 'x-ms-client-request-id': 'mine-1' },
      })
      const near = Math.abs(Date.parse(headers['date'] ?? '') - Date.now()) < 60_000
      return both(
        same([headers['x-ms-client-request-id'], headers['x-ms-version']], ['mine-1', '2025-11-05']),
        headers['x-ms-request-id'] !== undefined && near,
      )
    },
  },
  {
    ask: 'an error has its code in the header and in the XML',
    async look({ raw, blob }) {
      const { status, headers, body } = await raw('GET', `/${blob().name}`)
      const told = /<Code>(.*?)<\/Code>/.exec(body.toString())?.[1]
      return same([status, headers['x-ms-error-code'], told], [404, 'BlobNotFound', 'BlobNotFound'])
    },
  },
  {
    ask: 'in a container that is not there: 404 ContainerNotFound, for reads and for writes',
    async look({ service }) {
      const blob = service.getContainerClient('not-there').getBlockBlobClient('x')
      return both(
        await refused(() => blob.download(), '404 ContainerNotFound'),
        await refused(() => put(blob, 'x'), '404 ContainerNotFound'),
        await refused(() => blob.stageBlock('MQ==', 'x', 1), '404 ContainerNotFound'),
      )
    },
  },
  {
    ask: 'Get Account Information tells what the account is',
    async look({ service }) {
      const { skuName, accountKind, isHierarchicalNamespaceEnabled } = await service.getAccountInfo()
      return [
        skuName !== undefined && accountKind !== undefined,
        `${skuName} ${accountKind} hns ${isHierarchicalNamespaceEnabled}`,
      ]
    },
  },
  {
    ask: 'Get Service Properties tells whether deleted blobs are kept',
    async look({ service }) {
      const { deleteRetentionPolicy } = await service.getProperties()
      return [deleteRetentionPolicy !== undefined, JSON.stringify(deleteRetentionPolicy)]
    },
  },
]
