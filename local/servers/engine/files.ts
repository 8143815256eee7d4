import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, opendir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'

const writeBytes = 256 * 1024
const readBytes = 256 * 1024

type Memory = Buffer<ArrayBuffer>

/** Names say nothing of keys: no key can reach a file. */
export function randomName(): string {
  return randomBytes(16).toString('hex')
}

/** The large pieces, each a file, in folders by the first two letters of its name. A file is whole before it has its name. */
export class PieceFiles {
  readonly #whole: string
  readonly #unfinished: string

  private constructor(folder: string) {
    this.#whole = join(folder, 'pieces')
    this.#unfinished = join(folder, 'unfinished')
  }

  static async in(folder: string): Promise<PieceFiles> {
    const files = new PieceFiles(folder)
    await mkdir(files.#whole, { recursive: true })
    await mkdir(files.#unfinished, { recursive: true })
    return files
  }

  async begin(name: string): Promise<GrowingFile> {
    const path = join(this.#unfinished, name)
    return new GrowingFile(await open(path, 'wx'), path, this.#path(name))
  }

  /**
   * Bytes from `start` up to `end`, one step ahead of their reader. A file that ends before is an error: never fewer bytes than were said.
   * A step that is passed back with `next` is read into again; of one that is not, the memory stays its reader's.
   */
  async *read(name: string, start: number, end: number): AsyncGenerator<Uint8Array, void, Uint8Array | undefined> {
    const file = await open(this.#path(name), 'r')
    let spare: Memory | null = null
    const begin = (at: number): Promise<Memory> | null => {
      if (at >= end) return null
      const memory: Memory = spare ?? Buffer.allocUnsafeSlow(Math.min(readBytes, end - at))
      spare = null
      const step = readAll(file, memory.subarray(0, Math.min(memory.length, end - at)), at, name)
      // Its reader may let go before it is waited for.
      step.catch(() => {})
      return step
    }
    let reading = begin(start)
    try {
      for (let at = start; reading !== null;) {
        const bytes: Memory = await reading
        at += bytes.length
        reading = begin(at)
        const spent: Uint8Array | undefined = yield bytes
        if (spent === bytes) spare = Buffer.from(bytes.buffer)
      }
    } finally {
      await Promise.allSettled([reading])
      await file.close()
    }
  }

  /** Absent is done. */
  async remove(name: string): Promise<void> {
    await unlink(this.#path(name)).catch(unlessAbsent)
  }

  /** Removes what was never finished, and each whole piece that nobody knows. */
  async sweep(isKnown: (name: string) => boolean): Promise<void> {
    for await (const { name } of await opendir(this.#unfinished)) await unlink(join(this.#unfinished, name))
    for await (const folder of await opendir(this.#whole)) {
      for await (const { name } of await opendir(join(this.#whole, folder.name))) {
        if (!isKnown(name)) await unlink(join(this.#whole, folder.name, name))
      }
    }
  }

  #path(name: string): string {
    return join(this.#whole, name.slice(0, 2), name)
  }
}

/** A file that takes bytes in larger steps than they come: one step fills while the one before is written. */
export class GrowingFile {
  readonly #file: FileHandle
  readonly #path: string
  readonly #target: string
  #filling: Memory = Buffer.allocUnsafeSlow(writeBytes)
  #spare: Memory | null = null
  #filled = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(file: FileHandle, path: string, target: string) {
    this.#file = file
    this.#path = path
    this.#target = target
  }

  /** The bytes are copied: their owner may use the memory again. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(bytes.length - at, writeBytes - this.#filled)
      this.#filling.set(bytes.subarray(at, at + length), this.#filled)
      this.#filled += length
      at += length
      if (this.#filled === writeBytes) await this.#pass()
    }
  }

  /** All written, under its own name. */
  async finish(): Promise<void> {
    await this.#pass()
    await this.#writing
    await this.#file.close()
    try {
      await rename(this.#path, this.#target)
    } catch {
      await mkdir(join(this.#target, '..'), { recursive: true })
      await rename(this.#path, this.#target)
    }
  }

  /** Leaves nothing, however far it came. */
  async abandon(): Promise<void> {
    await Promise.allSettled([this.#writing])
    await Promise.allSettled([this.#file.close()])
    await unlink(this.#path).catch(unlessAbsent)
    await unlink(this.#target).catch(unlessAbsent)
  }

  async #pass(): Promise<void> {
    await this.#writing
    const full = this.#filling
    this.#writing = writeAll(this.#file, full.subarray(0, this.#filled))
    // Whoever writes next, or finishes, hears of it; until then it is not unheard.
    this.#writing.catch(() => {})
    this.#filling = this.#spare ?? Buffer.allocUnsafeSlow(writeBytes)
    this.#spare = full
    this.#filled = 0
  }
}

async function readAll(file: FileHandle, memory: Memory, position: number, name: string): Promise<Memory> {
  for (let at = 0; at < memory.length;) {
    const { bytesRead } = await file.read(memory, at, memory.length - at, position + at)
    if (bytesRead === 0) throw new Error(`piece ${name}: found ${position + at} bytes, expected more`)
    at += bytesRead
  }
  return memory
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at)
    at += bytesWritten
  }
}

function unlessAbsent(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}
