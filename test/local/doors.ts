/** The embedded clouds by name, and what a client says at their doors. */
export const kinds = ['s3', 'azure', 'gcs'] as const
export type Kind = (typeof kinds)[number]

export const credentials = { accessKeyId: 'isobar', secretAccessKey: 'of this run alone' }
export const region = 'us-east-1'
export const account = 'isobar'
export const accountKey: string = Buffer.from('of this run alone').toString('base64')
export const token = 'of-this-run-alone'
