import type { Route, Rule } from '#shared/config/model.ts'
import { asFailure, Failure } from '#shared/kernel/failure.ts'
import type { SiteId } from '#shared/kernel/ids.ts'
import { type Key, keyBytesMax } from '#shared/kernel/key.ts'
import type { Core } from '#shared/replication/core.ts'
import { noted } from '#shared/replication/observe.ts'
import { CodePoints } from './code-points.ts'
import { type Feed, historyFeed, listingFeed } from './feed.ts'
import { compareKeys } from './key-order.ts'
import type { Rows } from './merge.ts'
import type { Row } from './model.ts'
import { headsOf } from './terms.ts'

export interface RowsWanted {
  readonly core: Core
  readonly rule: Rule
  /** Every version of every key, instead of what shows now. */
  readonly history: boolean
  /** All up to this key were compared before. */
  readonly after: string
  readonly signal: AbortSignal
}

/** One member's rows after a key, named as the rule's source names them, in the order of code points. */
export function rowsAt(wanted: RowsWanted, site: SiteId): Rows {
  const heads = headsOf(wanted.rule).filter(
    (head) => compareKeys(head, wanted.after) > 0 || wanted.after.startsWith(head),
  )
  let open: Rows | null = null
  return {
    get over() {
      return heads.length === 0 && (open?.over ?? true)
    },
    async read() {
      for (;;) {
        const head = open === null ? heads.shift() : undefined
        if (head !== undefined) open = rowsBelow(wanted, site, head)
        if (open === null) return null
        const rows = await open.read()
        if (rows !== null) return rows
        open = null
      }
    },
  }
}

function rowsBelow({ core, rule, history, after, signal }: RowsWanted, site: SiteId, head: string): Rows {
  const store = core.store(site)
  const route = rule.kind === 'route' && site !== rule.from ? rule : null
  const prefix = there(route, head)
  const { listPage: pageKeys, historyPages } = core.limits
  const options = { store, prefix, pageKeys, historyPages, signal }
  const feed = watched(core, site, history ? historyFeed(options) : listingFeed(options))
  const start = after.startsWith(head) ? fitting(there(route, after)) : ''
  const ordered =
    store.traits.listingOrder === 'utf16'
      ? new CodePoints(feed, { prefix, after: start, heldMax: pageKeys })
      : begun(feed, start)
  if (route === null || route.rename === null) return ordered
  return {
    get over() {
      return ordered.over
    },
    read: async () => (await ordered.read())?.flatMap((row) => here(route, row)) ?? null,
  }
}

function begun(feed: Feed, after: string): Feed {
  feed.seek(after)
  return feed
}

/** Asks nobody whose breaker is open, and tells the breakers of what happened. */
function watched(core: Core, site: SiteId, feed: Feed): Feed {
  return {
    get over() {
      return feed.over
    },
    seek: (after) => feed.seek(after),
    async read() {
      if (!core.breakers.mayAsk(site)) throw new Failure('unreachable', `${site}: its breaker is open`, { site })
      try {
        const rows = await feed.read()
        core.breakers.succeeded(site)
        return rows
      } catch (thrown) {
        throw noted(core, site, asFailure(thrown))
      }
    },
  }
}

/** A beginning of the route's keys as its targets name it. Renaming keeps their order, for all begin alike. */
function there(route: Route | null, text: string): string {
  return route === null || route.rename === null ? text : route.rename.to + text.slice(route.rename.from.length)
}

/** A target's row by its source's name; none where no source could have that name. */
function here(route: Route, row: Row): readonly Row[] {
  if (route.rename === null) return [row]
  const name = route.rename.from + row.key.slice(route.rename.to.length)
  return name === '' || bytesOf(name) > keyBytesMax ? [] : [{ ...row, key: name as Key }]
}

/** No store takes a longer text to list after; listing from a little earlier shows nothing new. */
function fitting(text: string): string {
  let fit = text
  while (bytesOf(fit) > keyBytesMax) fit = fit.slice(0, -1)
  return fit.isWellFormed() ? fit : fit.slice(0, -1)
}

const encoder = new TextEncoder()

function bytesOf(text: string): number {
  return encoder.encode(text).byteLength
}
