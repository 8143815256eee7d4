import { expect, it } from 'vitest'
import { elsewhere } from './elsewhere.ts'

it('is nowhere where no variable says', () => {
  expect(elsewhere('S3', {})).toEqual([])
})

it('is each that is listed, by its name or else by its host', () => {
  const listed = {
    ISOBAR_CONTRACT_S3: ' minio=http://127.0.0.1:1/  https://s3.amazonaws.com ',
    ISOBAR_CONTRACT_S3_UNVERSIONED: 'minio',
  }
  expect(elsewhere('S3', listed)).toEqual([
    { name: 'minio', address: 'http://127.0.0.1:1', versioned: false },
    { name: 's3.amazonaws.com', address: 'https://s3.amazonaws.com', versioned: true },
  ])
})

it.each([
  [{ ISOBAR_CONTRACT_S3: 'minio' }, 'ISOBAR_CONTRACT_S3: found minio, expected NAME=http'],
  [{ ISOBAR_CONTRACT_S3: 'a=http://x,b=http://y' }, 'ISOBAR_CONTRACT_S3: found a=http://x,b=http://y'],
  [{ ISOBAR_CONTRACT_S3: 'a=http://x a=http://y' }, 'ISOBAR_CONTRACT_S3: a is listed twice'],
  [
    { ISOBAR_CONTRACT_S3: 'a=http://x', ISOBAR_CONTRACT_S3_UNVERSIONED: 'b' },
    'ISOBAR_CONTRACT_S3_UNVERSIONED: found b',
  ],
  [{ ISOBAR_CONTRACT_S3_UNVERSIONED: 'b' }, 'ISOBAR_CONTRACT_S3_UNVERSIONED: found b'],
])('refuses %j by name', (environment, what) => {
  expect(() => elsewhere('S3', environment)).toThrow(what)
})
