import { parseArgs } from 'node:util'
import { elsewhere } from '#test/contract/elsewhere.ts'

export const wireNames = ['s3', 'azure', 'gcs'] as const
export type WireName = (typeof wireNames)[number]

export interface Options {
  readonly addresses: Readonly<Partial<Record<WireName, string>>>
  readonly operations: number
  readonly seed: number
  readonly json: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

export const help: string = `npm run differential -- [options]

Puts the same random operations to an embedded cloud and to a third-party server of the same wire, and holds the
answers against each other. Each difference must fall under an explanation of docs/decisions. Nothing of a referee is
part of this repository: start one, and give its address.

  --s3 URL          a MinIO; its credentials in ISOBAR_CONTRACT_S3_KEY_ID and ISOBAR_CONTRACT_S3_SECRET
  --azure URL       an Azurite (started with --skipApiVersionCheck), with the account: http://127.0.0.1:10000/devstoreaccount1
  --gcs URL         a fake-gcs-server
                    (default of each: what ISOBAR_CONTRACT_S3, _AZURE, _GCS call minio, azurite, fake-gcs-server, or an
                    address alone there)
  --operations N    how many on each wire (default 10000)
  --seed S          which (default: from the clock, printed): the same seed asks the same questions
  --json            the figures as JSON on standard output; progress and findings go to standard error
  --help

  npm run differential -- --s3 http://127.0.0.1:9000 --operations 2000

Exit 0 where every difference is explained, at most 15 explanations were needed on a wire, and they account for less
than 2 % of its operations; 1 where not; 2 where the question was wrong or a referee could not be reached.`

export type Parsed = { readonly options: Options } | { readonly wrong: string } | { readonly help: true }

export function parse(args: readonly string[], environment: Environment, nowMs: number): Parsed {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        s3: { type: 'string' },
        azure: { type: 'string' },
        gcs: { type: 'string' },
        operations: { type: 'string', default: '10000' },
        seed: { type: 'string', default: String(nowMs % 1_000_000_000) },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (thrown) {
    return { wrong: thrown instanceof Error ? thrown.message : String(thrown) }
  }
  if (values.help) return { help: true }
  for (const name of ['operations', 'seed'] as const) {
    const least = name === 'operations' ? 1 : 0
    if (!/^\d{1,12}$/.test(values[name]) || Number(values[name]) < least)
      return { wrong: `--${name}: found ${JSON.stringify(values[name])}, expected a whole number, at least ${least}` }
  }
  const addresses: Partial<Record<WireName, string>> = {}
  for (const name of wireNames) {
    let address
    try {
      address = values[name] ?? refereeIn(name, environment)
    } catch (thrown) {
      return { wrong: thrown instanceof Error ? thrown.message : String(thrown) }
    }
    if (address === undefined) continue
    if (!/^http:\/\/[^/]+/.test(address)) return { wrong: `--${name}: found ${address}, expected http://host:port` }
    addresses[name] = address.replace(/\/$/, '')
  }
  if (Object.keys(addresses).length === 0)
    return { wrong: 'no referee: give the address of one by --s3, --azure or --gcs' }
  const { operations, seed, json } = values
  return { options: { addresses, operations: Number(operations), seed: Number(seed), json } }
}

const referees: Readonly<Record<WireName, string>> = { s3: 'minio', azure: 'azurite', gcs: 'fake-gcs-server' }

/** Among the servers of the contract, the one whose differences are explained; where only one is listed without a name, that. */
function refereeIn(wire: WireName, environment: Environment): string | undefined {
  const cloud = { s3: 'S3', azure: 'AZURE', gcs: 'GCS' } as const
  const listed = elsewhere(cloud[wire], environment)
  const named = listed.find(({ name }) => name === referees[wire])
  return (named ?? listed.find(({ name, address }) => name === new URL(address).host))?.address
}
