import { lastWords, run } from '#prove/command.ts'
import { notHeld, type Promised } from '#prove/promise.ts'
import { among } from './others.ts'

/** One wire in what `npm run differential -- --json` prints. */
interface Judged {
  readonly wire: string
  readonly referee: string
  readonly seed: number
  readonly operations: number
  readonly masked: number
  readonly explained: Readonly<Record<string, number>>
  readonly findings: readonly unknown[]
  readonly faults: readonly string[]
}

const wires = 3
const operations = 10_000

export const differential: Promised = among(
  ['ISOBAR_CONTRACT_S3', 'ISOBAR_CONTRACT_AZURE', 'ISOBAR_CONTRACT_GCS'],
  `${operations} random operations a face against a third-party server: every difference explained`,
  async (said) => {
    const args = ['run', '--silent', 'differential', '--', '--json', '--operations', String(operations)]
    const result = await run('npm', args, { env: said, minutes: 60 })
    let all: readonly Judged[]
    try {
      all = JSON.parse(result.stdout) as readonly Judged[]
    } catch {
      return notHeld(lastWords(result))
    }
    return {
      figure: all.map(figureOf).join('; '),
      held:
        result.code === 0 &&
        all.length === wires &&
        all.every((one) => one.operations >= operations && one.faults.length === 0),
      details: all.flatMap(({ wire, faults, explained }) => [
        ...faults.map((fault) => `${wire}: ${fault}`),
        ...Object.entries(explained).map(([name, times]) => `${wire}: ${times} times ${name}`),
      ]),
    }
  },
)

function figureOf({ wire, referee, seed, masked, explained, findings }: Judged): string {
  const reasons = Object.keys(explained).length
  return `${wire} against ${referee} from seed ${seed}: ${masked} differ for ${reasons} known reasons, ${findings.length} for none`
}
