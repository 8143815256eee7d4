import {
  type Answer,
  type Dialect,
  type Difference,
  Names,
  type Operation,
  type Referee,
  type Response,
  type Silence,
  type Theme,
  type Voice,
} from './operation.ts'

export interface Run<State> {
  readonly dialect: Dialect<State>
  readonly ours: Voice
  readonly theirs: Voice
  readonly operations: number
  readonly referee: Referee<State>
  /** Makes the names of buckets this run's own. */
  readonly tag: string
  readonly progress?: (done: number, found: Found) => void
  /** After so many differences without an explanation a run ends: the rest would be their echo. */
  readonly findingsMax?: number
}

/** A difference that nothing accounts for. */
export interface Finding {
  readonly operation: Operation
  readonly differences: readonly Difference[]
  /** The operations on the same key before it, oldest first. */
  readonly history: readonly Operation[]
}

export interface Found {
  operations: number
  readonly themes: Record<Theme, number>
  readonly kinds: Map<string, number>
  /** Operations that each explanation accounts for. */
  readonly explained: Map<string, number>
  /** Operations that any explanation accounts for. */
  masked: number
  /** Answers that refused. */
  refused: number
  readonly findings: Finding[]
  /** What was said where the referee is thought to be silent: the silence is none, and hides differences. */
  readonly spoken: Set<string>
}

const historyMax = 8

/** Puts the same questions to both sides, one after another, and holds the answers against each other. */
export async function runDifferential<State>(run: Run<State>): Promise<Found> {
  const { dialect, operations, findingsMax = Infinity } = run
  const { explanations, silences } = run.referee
  const sides = [
    { voice: run.ours, names: new Names() },
    { voice: run.theirs, names: new Names() },
  ] as const
  for (const { voice, names } of sides) await dialect.prepare(voice, names, run.tag)
  const state = dialect.begin()
  const asked: Operation[] = []
  const found: Found = {
    operations: 0,
    themes: { objects: 0, versions: 0, parts: 0 },
    kinds: new Map(),
    explained: new Map(),
    masked: 0,
    refused: 0,
    findings: [],
    spoken: new Set(),
  }
  for (let at = 0; at < operations && found.findings.length < findingsMax; at++) {
    const operation = dialect.draw(state, at)
    const [ours, theirs] = (await Promise.all(
      sides.map(({ voice, names }) => answerOf(dialect, operation, voice, names)),
    )) as [Answer, Answer]
    const differences = compare(ours, theirs).filter(({ field, ...said }) =>
      silences.every((one) => !covers(one, operation, field) || said[one.of] !== null),
    )
    for (const silence of silences) {
      const said = silence.of === 'ours' ? ours : theirs
      for (const field of Object.keys(said))
        if (covers(silence, operation, field)) found.spoken.add(`${operation.kind}: ${field}`)
    }
    const applying = explanations.filter((one) => one.applies(operation, state))
    const masking = applying.filter(
      (one) => one.silent === true || differences.some((difference) => one.masks(difference, ours, theirs)),
    )
    const left = differences.filter((difference) => !applying.some((one) => one.masks(difference, ours, theirs)))
    count(found, operation, ours)
    if (masking.length > 0) found.masked++
    for (const { name } of masking) found.explained.set(name, (found.explained.get(name) ?? 0) + 1)
    if (left.length > 0) {
      found.findings.push({ operation, differences: left, history: historyOf(asked, operation) })
    }
    dialect.learn(state, operation, ours)
    asked.push(operation)
    if (left.length > 0 || masking.length > 0) {
      for (const key of operation.changes) {
        await Promise.all(sides.map(({ voice, names }) => dialect.drop(voice, names, operation.bucket, key)))
        dialect.forget(state, operation.bucket, key)
      }
    }
    run.progress?.(at + 1, found)
  }
  return found
}

async function answerOf<State>(
  dialect: Dialect<State>,
  operation: Operation,
  voice: Voice,
  names: Names,
): Promise<Answer> {
  let response: Response
  try {
    response = await voice.send(names.resolve(operation.request))
  } catch (error) {
    return { status: 'none', code: String((error as { code?: unknown }).code ?? error) }
  }
  for (const [name, value] of dialect.assigned(operation, response)) names.bind(name, value)
  return dialect.read(operation, response, names)
}

function compare(ours: Answer, theirs: Answer): Difference[] {
  const fields = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  return [...fields]
    .map((field) => ({ field, ours: ours[field] ?? null, theirs: theirs[field] ?? null }))
    .filter(({ ours, theirs }) => ours !== theirs)
}

function covers({ kinds, fields }: Silence, { kind }: Operation, field: string): boolean {
  return kinds.test(kind) && fields.test(field)
}

function count(found: Found, { theme, kind }: Operation, { status = '' }: Answer): void {
  found.operations++
  found.themes[theme]++
  found.kinds.set(kind, (found.kinds.get(kind) ?? 0) + 1)
  if (!/^[23]/.test(status)) found.refused++
}

function historyOf(asked: readonly Operation[], { bucket, key, changes }: Operation): Operation[] {
  const touched = (one: Operation) =>
    one.bucket === bucket &&
    (one.key === key || one.changes.some((changed) => changed === key || changes.includes(changed)))
  return asked.filter(touched).slice(-historyMax)
}
