import type { Size } from './plan.ts'

/** One write takes up to here; above, parts. */
export const smallBytes = 128
export const blindBytes = 64
export const partBytes = 48

const lengths: Readonly<Record<Size, readonly [least: number, most: number]>> = {
  small: [16, 40],
  middling: [72, 120],
  large: [150, 330],
}

/** Bytes that name the act that wrote them, and no other act ever writes. */
export function bodyOf(act: number, size: Size, note = ''): Uint8Array {
  const head = `#${act}${note} `
  const [least, most] = lengths[size]
  const length = Math.max(head.length, least + ((act * 7919) % (most - least)))
  const bytes = new Uint8Array(length)
  for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i)
  for (let i = head.length; i < length; i++) bytes[i] = 97 + ((i * 7 + act * 13) % 26)
  return bytes
}

export function textOf(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!)
  return text
}

/** The act whose bytes these are, by their own word. */
export function actOf(body: string): number | null {
  const found = /^#(\d+)/.exec(body)
  return found === null ? null : Number(found[1])
}
