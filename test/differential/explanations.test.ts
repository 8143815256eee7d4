import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { azure } from './azure/wire.ts'
import { gcs } from './gcs/wire.ts'
import { explanationsMax } from './report.ts'
import { s3 } from './s3/wire.ts'

const decisions = new URL('../../docs/decisions/', import.meta.url)

/** The rows of the page that names the referee: an explanation's name, and the vendor's page that judges it. */
function rowsOf(referee: string): { readonly name: string; readonly judge: string }[] {
  const pages = readdirSync(decisions).map((name) => readFileSync(new URL(name, decisions), 'utf8'))
  const page = pages.find((text) => text.split('\n')[0]?.includes(`Where ${referee} is not`)) ?? ''
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| explanation'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => ({ name: cells[1] ?? '', judge: cells.at(-2) ?? '' }))
}

const vendors = /\]\(https:\/\/(?:docs\.aws\.amazon\.com|learn\.microsoft\.com|cloud\.google\.com)\//

it.each([s3, azure, gcs])('every explanation of $name has its row in docs/decisions, and a judge', (wire) => {
  const rows = rowsOf(wire.referee)
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...wire.explanations].toSorted())
  expect(rows.filter(({ judge }) => !vendors.test(judge))).toEqual([])
})

it.each([s3, azure, gcs])(`$name needs no more than ${explanationsMax} explanations`, ({ explanations }) => {
  expect(explanations.length).toBeLessThanOrEqual(explanationsMax)
})
