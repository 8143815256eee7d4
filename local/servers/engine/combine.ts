/**
 * The CRC of two contents put together, from the CRC of each and the length of the second, without their bytes.
 * For reflected CRCs that begin and end with all bits turned, which CRC32, CRC32C and CRC64NVME all are: there the CRC of AB is
 * the CRC of A, moved on by the length of B, plus the CRC of B, over polynomials modulo 2. Moving on by n bytes is multiplying by
 * x^8n modulo the CRC's polynomial; that factor is found by repeated squaring.
 */
export type Combine = (first: string, second: string, secondSize: number) => string

export type Combinable = 'crc32' | 'crc32c' | 'crc64nvme'

export const combine: Readonly<Record<Combinable, Combine>> = {
  crc32: combining(32, 0xedb88320n),
  crc32c: combining(32, 0x82f63b78n),
  crc64nvme: combining(64, 0x9a6c9329ac4bc9b5n),
}

/** Takes the polynomial reversed, as reflected CRCs do: the highest bit stands for x^0. */
export function combining(width: 32 | 64, polynomial: bigint): Combine {
  const one = 1n << BigInt(width - 1)

  function multiply(a: bigint, b: bigint): bigint {
    let product = 0n
    for (let left = a, term = b, bit = one; left !== 0n; bit >>= 1n) {
      if ((left & bit) !== 0n) {
        product ^= term
        left ^= bit
      }
      term = (term & 1n) === 0n ? term >> 1n : (term >> 1n) ^ polynomial
    }
    return product
  }

  /** x^8 to the power of 2^index. */
  const squares: bigint[] = [one >> 8n]
  function factor(size: number): bigint {
    let power = one
    for (let index = 0, rest = size; rest > 0; index++, rest = Math.floor(rest / 2)) {
      const square = (squares[index] ??= multiply(squares[index - 1]!, squares[index - 1]!))
      if (rest % 2 === 1) power = multiply(power, square)
    }
    return power
  }

  /** Parts of one upload are mostly of one size. */
  let last = { size: 0, factor: one }
  return (first, second, secondSize) => {
    if (last.size !== secondSize) last = { size: secondSize, factor: factor(secondSize) }
    const sum = multiply(BigInt(`0x${first}`), last.factor) ^ BigInt(`0x${second}`)
    return sum.toString(16).padStart(width / 4, '0')
  }
}
