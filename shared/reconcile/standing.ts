import type { Config, Group } from '#shared/config/model.ts'
import { asFailure, type Failure } from '#shared/kernel/failure.ts'
import type { RuleId, SiteId } from '#shared/kernel/ids.ts'
import type { Core } from '#shared/replication/core.ts'
import { controlKey, type Kept, readText, writeText } from './control.ts'

/** When a member's last full pass began: a pass in which it answered for every key. */
export interface Standing {
  readonly group: RuleId
  readonly site: SiteId
  readonly beganMs: number
}

const dayMs = 24 * 3_600_000
/** Records are dated by whichever function made them; one from further ahead than clocks may differ is not believed. */
const aheadMsMax = 3_600_000
const bytesMax = 64 * 1024
const rounds = 3

/**
 * Which members are out: their last full pass, or their joining where there was none, began longer ago than the group remembers deletions,
 * less a day. What they show may long have been deleted elsewhere, so nothing is settled with them. A member that was there from the start is
 * not out before its first full pass.
 */
export function outOf(config: Config, records: readonly Standing[], nowMs: number): Core['out'] {
  const out = new Set(
    config.groups.flatMap((group) => outIn(config, group, records, nowMs).map((site) => `${group.id} ${site}`)),
  )
  return (group, site) => out.has(`${group} ${site}`)
}

function outIn(
  { sites }: Config,
  { id, members }: Group,
  records: readonly Standing[],
  nowMs: number,
): readonly SiteId[] {
  const retentionMs = Math.min(...members.map((site) => sites.get(site)?.retentionDays ?? 0)) * dayMs
  const remembersSinceMs = nowMs - (retentionMs - dayMs)
  return members.filter((site) => {
    const began = records.filter((one) => one.group === id && one.site === site && one.beganMs <= nowMs + aheadMsMax)
    const lastMs =
      began.length > 0 ? Math.max(...began.map(({ beganMs }) => beganMs)) : (sites.get(site)?.joinedMs ?? null)
    return lastMs !== null && lastMs < remembersSinceMs
  })
}

/**
 * What the control buckets of all members say of a group, the latest of each member: every one holds a copy, so that no single cloud's absence
 * makes anybody seem out. Throws where none of them answers.
 */
export async function readStandings(core: Core, group: Group, signal: AbortSignal): Promise<readonly Standing[]> {
  const copies = await Promise.all(group.members.map((site) => readCopy(core, group, site, signal)))
  const answers = copies.filter((copy) => 'standings' in copy)
  if (answers.length === 0) throw copies.find((copy) => 'failure' in copy)!.failure
  return newest(answers.flatMap(({ standings }) => standings))
}

/** Notes in every member's control bucket when a full pass of these sites began; answers with what could not be written. */
export async function recordStandings(
  core: Core,
  group: Group,
  sites: readonly SiteId[],
  beganMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const fresh = sites.map((site) => ({ group: group.id, site, beganMs }))
  const failures = await Promise.all(group.members.map((site) => writeCopy(core, group, site, fresh, signal)))
  return failures.flatMap((failure) => (failure === null ? [] : [`standing not recorded: ${failure.message}`]))
}

interface Copy {
  readonly standings: readonly Standing[]
  readonly kept: Kept | null
}

async function readCopy(
  core: Core,
  group: Group,
  site: SiteId,
  signal: AbortSignal,
): Promise<Copy | { readonly failure: Failure }> {
  try {
    const kept = await readText(core, core.control(site), controlKey('standing', group.id), bytesMax, signal)
    return {
      standings: parse(group, kept?.text ?? '').filter(({ beganMs }) => beganMs <= core.clock.now() + aheadMsMax),
      kept,
    }
  } catch (thrown) {
    return { failure: asFailure(thrown) }
  }
}

/** Two passes may end at once: each adds its own to what the other wrote. */
async function writeCopy(
  core: Core,
  group: Group,
  site: SiteId,
  fresh: readonly Standing[],
  signal: AbortSignal,
): Promise<Failure | null> {
  let lost: Failure | null = null
  for (let round = 0; round < rounds; round++) {
    const copy = await readCopy(core, group, site, signal)
    if ('failure' in copy) return copy.failure
    const text = write(newest([...copy.standings, ...fresh]))
    if (text === copy.kept?.text) return null
    try {
      await writeText(
        core,
        core.control(site),
        controlKey('standing', group.id),
        text,
        copy.kept?.version ?? null,
        signal,
      )
      return null
    } catch (thrown) {
      lost = asFailure(thrown)
      if (lost.patience !== 'soon') return lost
    }
  }
  return lost
}

function newest(standings: readonly Standing[]): readonly Standing[] {
  const bySite = new Map<SiteId, Standing>()
  for (const one of standings) if (one.beganMs > (bySite.get(one.site)?.beganMs ?? -Infinity)) bySite.set(one.site, one)
  return [...bySite.values()]
}

function write(standings: readonly Standing[]): string {
  const began = standings.map(({ site, beganMs }) => [site, beganMs] as const).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify({ format: 1, began: Object.fromEntries(began) })
}

/** Whatever is not ours says nothing. */
function parse(group: Group, text: string): readonly Standing[] {
  const began = fieldsOf(fieldsOf(asJson(text))['began'])
  return group.members.flatMap((site) => {
    const beganMs = began[site]
    return typeof beganMs === 'number' && Number.isSafeInteger(beganMs) ? [{ group: group.id, site, beganMs }] : []
  })
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
