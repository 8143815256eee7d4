import type { OwnMessage } from '#functions/message.ts'
import type { Cloud, World } from '#test/functions/world.ts'

/** What happened to an object, in whichever words its cloud has for it. */
export interface Happening {
  readonly key: string
  /** The version, in the words of a stamp. */
  readonly id: string
  readonly timeMs: number
}

/** One cloud's own runtime around its `object-changed` trigger. */
export interface Host {
  readonly cloud: Cloud
  /** This cloud's events, from the recorded ones, and a message of our own, each as it lies in this cloud's queue. */
  created(happening: Happening): unknown
  deleted(happening: Happening): unknown
  own(message: OwnMessage): unknown
  /** Text that is no JSON, where this cloud's queue would hold an event. */
  garbled(): unknown
  /** Well-formed, and of a bucket that is no site. */
  foreign(happening: Happening): unknown
  /** Well-formed, and no event of the key's life: nothing is to be done for it. */
  irrelevant(happening: Happening): unknown
  /** By which names its refusals call what is no JSON, the bucket, and the key. */
  readonly fields: { readonly garbled: string; readonly bucket: string; readonly key: string }
  /** `back`: not acknowledged; it is delivered again, or ends among the dead letters. */
  deliver(...payloads: readonly unknown[]): Promise<readonly ('done' | 'back')[]>
  close(): Promise<void>
}

export type StartHost = (world: World) => Promise<Host>
