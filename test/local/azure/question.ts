import { randomUUID } from 'node:crypto'
import { type BlobServiceClient, type BlockBlobClient, type ContainerClient, RestError } from '@azure/storage-blob'
import type { Said, Sending, Site } from './raw.ts'

/** Where questions are put: one account, and a container for them. */
export interface World {
  readonly site: Site
  readonly service: BlobServiceClient
  readonly container: ContainerClient
  /** A name that no other question uses. */
  readonly blob: (name?: string) => BlockBlobClient
  /** An empty container of its own. */
  readonly fresh: () => Promise<ContainerClient>
  /** Of a path in the container: '/name', already encoded; `/../` leaves it. */
  readonly raw: (method: string, path: string, sending?: Sending) => Promise<Said>
}

/** Whether the server answers as Azure does, and what it said. */
export type Finding = boolean | readonly [held: boolean, said: string]

export interface Question {
  readonly ask: string
  readonly look: (world: World) => Promise<Finding>
}

export const no = '"0x8D000000000000"'

export function unique(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`
}

export async function put(blob: BlockBlobClient, text: string, options = {}): ReturnType<BlockBlobClient['upload']> {
  return blob.upload(text, Buffer.byteLength(text), options)
}

export async function textOf(blob: Pick<BlockBlobClient, 'downloadToBuffer'>): Promise<string> {
  return (await blob.downloadToBuffer()).toString()
}

/** What a call that ought to be refused was told; `200` where it was let through. */
export async function refusal(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
    return '200'
  } catch (thrown) {
    if (!(thrown instanceof RestError) || thrown.statusCode === undefined) throw thrown
    const code = thrown.code ?? thrown.response?.headers.get('x-ms-error-code') ?? ''
    return `${thrown.statusCode} ${code}`.trim()
  }
}

/** Held where the refusal is one of these: a status, or a status with its code. */
export async function refused(
  act: () => Promise<unknown>,
  ...wanted: readonly string[]
): Promise<readonly [boolean, string]> {
  const found = await refusal(act)
  return [isOneOf(found, wanted), found]
}

export function answered({ status, code }: Said, ...wanted: readonly string[]): readonly [boolean, string] {
  const found = `${status} ${code}`.trim()
  return [isOneOf(found, wanted), found]
}

function isOneOf(found: string, wanted: readonly string[]): boolean {
  return wanted.some((one) => found === one || found.startsWith(`${one} `))
}

/** Both, with what the first of them that fails said. */
export function both(...findings: readonly Finding[]): readonly [boolean, string] {
  const told = findings.map((one) => (typeof one === 'boolean' ? ([one, ''] as const) : one))
  return [told.every(([held]) => held), told.find(([held]) => !held)?.[1] ?? told.at(-1)?.[1] ?? '']
}

export function same(found: unknown, wanted: unknown): readonly [boolean, string] {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)]
  return [one === other, one === other ? '' : `${one} instead of ${other}`.slice(0, 200)]
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export function blockId(n: number): string {
  return Buffer.from(String(n).padStart(6, '0')).toString('base64')
}
