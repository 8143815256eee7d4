import { Command, Option } from 'commander'
import { configSource, configVariable, loadConfig } from '#functions/config.ts'
import { type Environment, identityOf, sitesAskedFrom } from '#functions/identity.ts'
import { systemClock, systemRandom } from '#functions/runtime.ts'
import { openSite } from '#functions/stores.ts'
import { ConfigError } from '#shared/config/issue.ts'
import type { Config, Site } from '#shared/config/model.ts'
import { oneOf } from '#shared/config/nearest.ts'
import { plain, show } from '#shared/config/show.ts'
import { cloudOf } from '#shared/config/place.ts'
import { type Examined, examine } from '#shared/conformance/examine.ts'
import type { Tools } from '#shared/conformance/probe.ts'
import { Failure } from '#shared/kernel/failure.ts'
import { loadHashing } from '#shared/kernel/hashing.ts'
import { table } from './table.ts'

interface Flags {
  readonly config?: string
  readonly site?: readonly string[]
  readonly output: 'table' | 'json'
}

/** What was found at one site. */
interface Report {
  readonly site: string
  readonly kind: Site['kind']
  readonly well: boolean
  readonly findings: readonly Examined[]
}

const explanation = `
For each site in use it asks: does the bucket answer the identity that this machine has for it, and the control bucket
beside it; are they two; does it keep versions where it is said to; how far is its clock from this machine's. Then it
tries to make both buckets break what a store must enforce: a write that may only create, a write over the version it
names, a deletion of the version it names. It leaves deleted objects below .isobar/ and touches no other key. A call
may take 10 seconds, a write 30; a site that does not answer takes half a minute in all.

Who it is: ISOBAR_SITE_ID_ACCESS_KEY_ID and _SECRET_ACCESS_KEY (s3), _ACCOUNT_KEY (azure-blob), _TOKEN (gcs) where they
are set; else whoever is logged in on this machine. docs/configuration.md has the rest.

Examples:
  isobar doctor --config isobar.config.json
  isobar doctor --site aws --site gcp --output json

Exit: 0 all is well, 1 something is not, 2 the command or the configuration was not understood, 130 interrupted.`

export function doctor(signal: AbortSignal, end: (code: number) => void): Command {
  return new Command('doctor')
    .description('asks every site whether it is reached, and whether it keeps what a store must promise')
    .option('--config <path>', `the configuration (default: what ${configVariable} names)`)
    .option('--site <id...>', 'only this site; may be given again (default: every site in use)')
    .addOption(new Option('--output <form>', 'how the result is written').choices(['table', 'json']).default('table'))
    .addHelpText('after', explanation)
    .action(async (flags: Flags) => {
      const config = await configOf(flags)
      const asked = chosen(config, flags.site ?? [])
      const tools = { hashing: await loadHashing(), clock: systemClock, random: systemRandom }
      const sites = await Promise.all(asked.map((site) => report(site, config, tools, signal)))
      if (signal.aborted) return // What was not asked is not a result.
      const well = sites.every((one) => one.well)
      process.stdout.write(flags.output === 'json' ? `${JSON.stringify({ well, sites }, null, 2)}\n` : text(sites))
      end(well ? 0 : 1)
    })
}

/** A mistake is told with where it was made: the flag, or the variable. */
async function configOf({ config }: Flags): Promise<Config> {
  const environment: Environment = config === undefined ? process.env : { [configVariable]: config }
  const flag = config === undefined ? configVariable : '--config'
  try {
    return await loadConfig(environment)
  } catch (thrown) {
    if (thrown instanceof ConfigError) {
      throw new Failure('invalid', `${configSource(environment).replace(configVariable, flag)}: ${thrown.message}`)
    }
    if (!(thrown instanceof Failure)) throw thrown
    throw new Failure(
      'invalid',
      thrown.message.replace(configVariable, config === undefined ? `--config, ${flag}` : flag),
    )
  }
}

function chosen({ sites }: Config, ids: readonly string[]): readonly Site[] {
  const inUse = [...sites.values()].filter(({ retired }) => !retired)
  const known = inUse.map(({ id }) => String(id))
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined) {
    throw new Failure(
      'invalid',
      `--site: found ${show(unknown)}, expected ${oneOf('one of the sites in use', known, unknown)}`,
    )
  }
  return ids.length === 0 ? inUse : inUse.filter(({ id }) => ids.includes(id))
}

async function report(site: Site, config: Config, tools: Tools, signal: AbortSignal): Promise<Report> {
  process.stderr.write(`${site.id}: asking\n`)
  const findings = [...(await fromHere(site, config, tools, signal)), ...fromFunctions(site, config)]
  const broken = findings.filter(({ held }) => !held).length
  const said = broken === 0 ? 'all is well' : `${broken} of ${findings.length} are not as they must be`
  process.stderr.write(`${site.id}: ${said}\n`)
  return { site: site.id, kind: site.kind, well: broken === 0, findings }
}

async function fromHere(site: Site, config: Config, tools: Tools, signal: AbortSignal): Promise<readonly Examined[]> {
  const here = { platform: null, environment: process.env }
  const identity = identityOf(site, here.platform, here.environment, config)
  if (identity.as !== 'nobody') return examine(openSite(site, config, here), tools, signal)
  return [{ promise: 'there is an identity to ask it with', held: false, found: identity.why, remedy: null }]
}

/** Whether functions, which run elsewhere, have what they need to show the site's cloud who they are. */
function fromFunctions(site: Site, config: Config): readonly Examined[] {
  if (cloudOf(site) === null) return []
  const platforms = (['aws', 'azure', 'gcp'] as const).filter(
    (platform) =>
      [...config.sites.values()].some((one) => !one.retired && cloudOf(one) === platform) &&
      sitesAskedFrom(config, platform).includes(site),
  )
  return platforms.map((platform) => {
    const identity = identityOf(site, platform, process.env, config)
    const found = identity.as === 'nobody' ? identity.why : ''
    return {
      promise: `functions in ${platform} have an identity to ask it with`,
      held: found === '',
      found,
      remedy: null,
    }
  })
}

function text(reports: readonly Report[]): string {
  const rows = reports.flatMap(({ site, findings }) =>
    findings.map(({ promise, held, found }) => [
      site,
      held ? 'yes' : 'NO',
      plain(found === '' ? promise : `${promise}: ${found}`),
    ]),
  )
  const remedies = reports.flatMap(({ site, findings }) =>
    [...new Set(findings.flatMap(({ remedy }) => remedy ?? []))].map((remedy) => `${site}: ${remedy}.\n`),
  )
  return table(['SITE', 'HOLDS', 'WHAT'], rows) + (remedies.length === 0 ? '' : `\n${remedies.join('')}`)
}
