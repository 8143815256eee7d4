import type { Explanation, Referee } from '#test/differential/operation.ts'
import type { GcsState } from './state.ts'

type Why = Explanation<GcsState>

const composed: Why = {
  name: 'an object that was composed',
  applies: ({ kind }) => kind === 'compose',
  masks: ({ field }) => /^(?:md5Hash|componentCount|content\w+|cacheControl|metadata\..*)$/.test(field),
  silent: true,
}

const patched: Why = {
  name: 'an object that was patched',
  applies: ({ kind }) => kind === 'patch',
  masks: ({ field }) =>
    /^(?:metageneration|timeCreated|timeStorageClassUpdated|created|deleted|customTime|metadata\..*)$/.test(field),
  silent: true,
}

const describedCopy: Why = {
  name: 'a copy that says what its target is',
  applies: ({ kind, request }) => kind.startsWith('copy') && request.body.length > 0,
  masks: ({ field }) => /^resource\.(?:content\w+|cacheControl|metadata\..*)$/.test(field),
  silent: true,
}

const conditionalDelete: Why = {
  name: 'a condition on a deletion',
  applies: ({ kind, request: { query } }) => kind === 'delete' && query['ifGenerationMatch'] !== undefined,
  masks: (_, ours, theirs) => ours['status'] === '412' && theirs['status'] === '2xx',
}

const cutPrefixes: Why = {
  name: 'common prefixes of a page that is cut',
  applies: ({ kind, request: { query } }) =>
    kind === 'list' && query['delimiter'] !== undefined && query['maxResults'] !== undefined,
  masks: ({ field }) => /^(?:prefixes|items)\.|^nextPageToken$/.test(field),
}

const startedInside: Why = {
  name: 'a common prefix across an offset',
  applies: ({ kind, request: { query } }) =>
    kind.startsWith('list') && query['delimiter'] !== undefined && acrossOffset(query),
  masks: ({ field }) => field.startsWith('prefixes.'),
}

const endOfNothing: Why = {
  name: 'the last bytes of an empty object',
  applies: ({ kind, bucket, key, request: { query, headers } }, before) => {
    const { generation } = query
    const live = before.live(bucket, key)
    const read = generation === undefined ? live : before.generations(bucket, key).find(({ id }) => id === generation)
    return kind.startsWith('get a range') && headers['range']?.startsWith('bytes=-') === true && read?.size === 0
  },
  masks: (_, ours, theirs) => ours['status'] === '416' && theirs['status'] === '206',
}

/** Offsets that lie within a common prefix of the run's keys. */
function acrossOffset({ startOffset, endOffset }: Readonly<Record<string, string>>): boolean {
  return startOffset === 'dir/x' || endOffset === 'dir/y'
}

/** Where fake-gcs-server is not Cloud Storage. Each has its place in docs/decisions, with the documentation that judges. */
export const fakeGcsServer: Referee<GcsState> = {
  name: 'fake-gcs-server',
  explanations: [composed, patched, describedCopy, conditionalDelete, cutPrefixes, startedInside, endOfNothing],
  silences: [{ of: 'theirs', kinds: /^get/, fields: /^x-goog-(?:metageneration|storage-class)$/ }],
}
