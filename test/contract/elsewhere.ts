export const clouds = ['S3', 'AZURE', 'GCS'] as const
export type Cloud = (typeof clouds)[number]

type Environment = Readonly<Record<string, string | undefined>>

/** A server of somebody else's, or the cloud itself. */
export interface Elsewhere {
  /** What `docs/decisions/019` calls it; an address without a name goes by its host. */
  readonly name: string
  readonly address: string
  readonly versioned: boolean
}

/**
 * Those that `ISOBAR_CONTRACT_<cloud>` lists: `NAME=ADDRESS`, or an address alone, with spaces between them. Whoever keeps no versions
 * is named again in `…_UNVERSIONED`: a name that nobody listed is refused, for a law that was to be left out would be asked.
 */
export function elsewhere(cloud: Cloud, environment: Environment): Elsewhere[] {
  const variable = `ISOBAR_CONTRACT_${cloud}`
  const listed = words(environment[variable]).map((word) => {
    const [, name, address] = /^(?:([a-z0-9-]+)=)?(https?:\/\/[^\s,=]+)$/.exec(word) ?? []
    if (address === undefined || !URL.canParse(address))
      throw new Error(`${variable}: found ${word}, expected NAME=http://host:port or an address alone`)
    return { name: name ?? new URL(address).host, address: address.replace(/\/$/, '') }
  })
  const names = listed.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new Error(`${variable}: ${twice} is listed twice, expected a name for each`)
  const unversioned = words(environment[`${variable}_UNVERSIONED`])
  const unlisted = unversioned.find((name) => !names.includes(name))
  if (unlisted !== undefined)
    throw new Error(`${variable}_UNVERSIONED: found ${unlisted}, expected names out of ${variable}: ${names.join(' ')}`)
  return listed.map((one) => ({ ...one, versioned: !unversioned.includes(one.name) }))
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
