import type { AzureSite, Config } from '#shared/config/model.ts'

export function siteOfContainer(config: Config, account: string, container: string): AzureSite | null {
  const sites = [...config.sites.values()].filter((site) => site.kind === 'azure-blob')
  return sites.find((site) => site.account === account && site.container === container) ?? null
}
