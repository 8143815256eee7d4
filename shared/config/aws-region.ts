/** Those that AWS had when this was written, only to guess what was meant: a new one is known by its form. */
export const awsRegions: readonly string[] = [
  'us-east-1 us-east-2 us-west-1 us-west-2 us-gov-east-1 us-gov-west-1 ca-central-1 ca-west-1 mx-central-1 sa-east-1',
  'eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 eusc-de-east-1',
  'ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2',
  'ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 cn-north-1 cn-northwest-1',
  'af-south-1 il-central-1 me-central-1 me-south-1 me-west-1 sa-west-1',
].flatMap((line) => line.split(' '))

const area = '(?:[a-z]{2}(?:-gov|-iso[a-z]?)?|eusc-[a-z]{2})'
const quarter = '(?:central|(?:north|south)(?:east|west)?|east|west)'
const form = `${area}-${quarter}-[0-9]{1,2}`
const whole = new RegExp(`^${form}$`)
const inHost = new RegExp(`${form}(?=\\.(?:vpce\\.)?amazonaws\\.)`)

/** By its form: an area, a quarter of the sky and a number. An availability zone is none. */
export function isAwsRegion(text: string): boolean {
  return whole.test(text)
}

/** The region that an address of AWS names, if it names one. */
export function regionInHost(host: string): string | null {
  return inHost.exec(host)?.[0] ?? null
}

/** Bucket names are taken once in each of these. */
export function partitionOf(region: string): string {
  const [apart] = /^(?:cn|us-gov|us-iso[a-z]?|eu-iso[a-z]?|eusc)(?=-)/.exec(region) ?? []
  return apart === undefined ? 'aws' : `aws-${apart}`
}
