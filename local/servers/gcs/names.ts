import { refuse, refuseParameter } from './refusals.ts'

const objectNameBytesMax = 1024
const bucketName = /^[a-z0-9](?:[a-z0-9._-]{1,220}[a-z0-9])$/
const shortName = /^[^.]{3,63}$|\./

/** A name that Cloud Storage holds, as it is. https://cloud.google.com/storage/docs/objects#naming */
export function objectName(text: string): string {
  const bytes = Buffer.byteLength(text)
  if (bytes === 0 || bytes > objectNameBytesMax)
    refuse('invalidObjectName', `The object name has ${bytes} bytes in UTF-8, expected 1 to ${objectNameBytesMax}.`)
  if (!text.isWellFormed()) refuse('invalidObjectName', 'The object name is not well-formed Unicode.')
  if (/[\r\n]/.test(text)) refuse('invalidObjectName', 'The object name has a line break in it.')
  if (text === '.' || text === '..') refuse('invalidObjectName', 'An object cannot be named "." or "..".')
  return text
}

/** For a bucket that is to be made; one that is only looked for is absent under any other name. */
export function newBucketName(text: string): string {
  if (!bucketName.test(text) || !shortName.test(text) || text.includes('..'))
    refuse('invalidBucketName', `Invalid bucket name: ${JSON.stringify(text)}`)
  return text
}

/** A number of 64 bits, which travels as text: without leading zeros, so that equal numbers are equal texts. */
export function int64(parameter: string, text: string): string {
  if (!/^[0-9]{1,19}$/.test(text)) refuseParameter(parameter, text, 'an integer')
  return BigInt(text).toString()
}
