import { azure } from './azure/wire.ts'
import { gcs } from './gcs/wire.ts'
import { s3 } from './s3/wire.ts'
import { help, type Options, parse, type WireName, wireNames } from './options.ts'
import { asJson, asTable, faultsOf, type Judged, story } from './report.ts'
import type { Wire } from './wire.ts'

const wires: Readonly<Record<WireName, Wire>> = { s3, azure, gcs }

const findingsMax = 40
const storiesMax = 10

async function judge(wire: Wire, address: string, { seed, operations }: Options): Promise<Judged> {
  const running = await wire.embedded()
  const began = performance.now()
  let saidAt = began
  try {
    const said = (name: string, otherwise = '') =>
      process.env[`ISOBAR_CONTRACT_${wire.name.toUpperCase()}_${name}`] ?? otherwise
    const found = await wire.compare(
      running.voice,
      wire.at(address, said),
      {
        seed,
        operations,
        findingsMax,
        progress(done, { masked, findings }) {
          if (performance.now() - saidAt < 5_000) return
          saidAt = performance.now()
          console.error(`  ${wire.name}: ${done} of ${operations}, ${masked} explained, ${findings.length} not`)
        },
      },
      true,
    )
    return { wire: wire.name, referee: wire.referee, address, seed, found, seconds: (performance.now() - began) / 1000 }
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.message : String(thrown)
    throw new Error(`--${wire.name} ${address}: ${what}; is a ${wire.referee} there, and are its credentials right?`, {
      cause: thrown,
    })
  } finally {
    await running.close()
  }
}

async function act(options: Options): Promise<number> {
  console.error(`seed ${options.seed}`)
  const all: Judged[] = []
  for (const name of wireNames) {
    const [wire, address] = [wires[name], options.addresses[name]]
    if (address === undefined) continue
    const judged = await judge(wire, address, options)
    all.push(judged)
    for (const finding of judged.found.findings.slice(0, storiesMax)) console.error(story(finding))
    if (judged.found.findings.length > 0)
      console.error(
        `again: npm run differential -- --${name} ${address} --seed ${options.seed} --operations ${options.operations}`,
      )
    if (!options.json) console.log(asTable(judged))
  }
  if (options.json) console.log(asJson(all))
  return all.some((judged) => faultsOf(judged).length > 0) ? 1 : 0
}

const parsed = parse(process.argv.slice(2), process.env, Date.now())
if ('help' in parsed) console.log(help)
else if ('wrong' in parsed) {
  console.error(`${parsed.wrong}\n\n${help}`)
  process.exitCode = 2
} else
  process.exitCode = await act(parsed.options).catch((thrown: unknown) => {
    console.error(thrown instanceof Error ? thrown.message : String(thrown))
    return 2
  })
