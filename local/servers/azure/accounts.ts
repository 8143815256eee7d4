/** A storage account as its owner set it up. */
export interface AccountOptions {
  readonly name: string
  /** In base64, as Azure gives it. */
  readonly key: string
  /** Every write keeps what it covers as a previous version. Off by default, as in a new account. */
  readonly versioning?: boolean
  /** How long deleted blobs and versions can be brought back; without it they are gone at once. */
  readonly softDeleteDays?: number
  /** Folders are real, `/` sorts first, and no versions are kept. */
  readonly hierarchical?: boolean
}

export interface Account {
  readonly name: string
  readonly key: Buffer
  readonly versioning: boolean
  readonly softDeleteDays: number | null
  readonly hierarchical: boolean
}

export function accountsOf(options: readonly AccountOptions[]): ReadonlyMap<string, Account> {
  return new Map(options.map((one) => [one.name, accountOf(one)]))
}

function accountOf({ name, key, versioning = false, softDeleteDays, hierarchical = false }: AccountOptions): Account {
  const where = `account ${JSON.stringify(name)}`
  if (!/^[a-z0-9]{3,24}$/.test(name)) throw new RangeError(`${where}: expected 3 to 24 small letters and digits`)
  if (versioning && hierarchical) {
    throw new RangeError(`${where}: an account with hierarchical namespace keeps no versions; drop one of the two`)
  }
  if (softDeleteDays !== undefined && !(softDeleteDays >= 1 && softDeleteDays <= 365)) {
    throw new RangeError(`${where}: softDeleteDays is ${softDeleteDays}, expected 1 to 365`)
  }
  return { name, key: Buffer.from(key, 'base64'), versioning, softDeleteDays: softDeleteDays ?? null, hierarchical }
}
