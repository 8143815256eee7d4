import { describe, expect, it } from 'vitest'
import { collapsed } from '#functions/collapse.ts'
import type { Notice } from '#functions/notice.ts'
import { ruleId, siteId } from '#shared/kernel/ids.ts'
import { parseKey } from '#shared/kernel/key.ts'
import { stampId } from '#shared/kernel/version.ts'
import type { ObjectEvent } from '#shared/replication/model.ts'

const event = (changes: Partial<ObjectEvent> = {}): Notice => ({
  message: {
    kind: 'event',
    event: {
      site: siteId('aws'),
      key: parseKey('k'),
      kind: 'created',
      id: stampId('1'),
      timeMs: 1000,
      writtenFor: null,
      byUser: true,
      ...changes,
    },
  },
})

const alone = (notice: Notice) => ({ notice, of: [notice] })

describe('events that came together', () => {
  it('of one key are one, which is as late as the latest and names no version: whichever is on top', () => {
    const both = [event({ timeMs: 2000 }), event({ id: stampId('2') })]
    expect(collapsed(both)).toEqual([{ notice: event({ id: null, timeMs: 2000 }), of: both }])
  })

  it('of one version are one, which still names it', () => {
    const both = [event(), event()]
    expect(collapsed(both)).toEqual([{ notice: event(), of: both }])
  })

  it('among which is a deletion are a deletion, as late as the latest of them', () => {
    const deletion = event({ kind: 'deleted', id: null, timeMs: 500, byUser: false })
    for (const both of [
      [event(), deletion],
      [deletion, event()],
    ]) {
      expect(collapsed(both)).toEqual([{ notice: event({ kind: 'deleted', id: null, byUser: false }), of: both }])
    }
  })

  it('are a user’s deletion only where every deletion among them is', () => {
    const deletion = (byUser: boolean) => event({ kind: 'deleted', id: null, byUser })
    const byUser = (...all: readonly boolean[]) => collapsed(all.map(deletion)).map(({ notice }) => notice)
    expect(byUser(true, true)).toEqual([deletion(true)])
    expect(byUser(true, false)).toEqual([event({ kind: 'deleted', id: null, byUser: null })])
    expect(byUser(true, false, true)).toEqual([event({ kind: 'deleted', id: null, byUser: null })])
  })

  it('are written for a rule only where all of them are: else they are news', () => {
    const all = ruleId('all')
    expect(collapsed([event({ writtenFor: all }), event()]).map(({ notice }) => notice)).toEqual([event()])
    expect(collapsed([event({ writtenFor: all }), event({ writtenFor: all })])).toMatchObject([
      { notice: event({ writtenFor: all }) },
    ])
  })

  it.each([
    ['of other keys', event({ key: parseKey('other') })],
    ['of other sites', event({ site: siteId('gcp') })],
    ['of an upload in parts, which may lie below a copy', event({ id: stampId('d41d8cd98f00b204e9800998ecf8427e-3') })],
    ['of a delete marker that was removed', event({ kind: 'uncovered', id: null })],
    ['of metadata changed in place', event({ kind: 'updated', id: stampId('2') })],
  ])('stay apart: %s', (_, other) => {
    expect(collapsed([event(), other])).toEqual([alone(event()), alone(other)])
  })

  it('what is no event is left as it is, twice if it came twice', () => {
    const settle: Notice = { message: { kind: 'settle', group: ruleId('all'), key: parseKey('k') } }
    const passedOver: Notice = { passedOver: { site: siteId('aws'), key: 'k', why: 'w' } }
    const refused: Notice = { refused: new Error('no') }
    const all = [settle, { ...settle }, passedOver, refused]
    expect(collapsed(all)).toEqual(all.map(alone))
  })
})
