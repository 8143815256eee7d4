/** What goes over a wire. What a server assigned earlier stands in it as `‹name›`: each side has its own value for it. */
export interface Request {
  readonly method: string
  /** Decoded; a voice encodes it as its wire does. */
  readonly path: readonly string[]
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

export interface Response {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

export const themes = ['objects', 'versions', 'parts'] as const
export type Theme = (typeof themes)[number]

/** One question that is put to both sides. */
export interface Operation {
  /** Its place in the run: what it makes is named after it. */
  readonly at: number
  readonly kind: string
  readonly theme: Theme
  readonly bucket: string
  /** `''` where it is about the bucket. */
  readonly key: string
  /** Keys that may be others afterwards. Where the sides part company, these are dropped on both. */
  readonly changes: readonly string[]
  readonly request: Request
}

/** Field by field, with what a server assigned as the name it has in this run. */
export type Answer = Readonly<Record<string, string>>

export interface Difference {
  readonly field: string
  /** `null`: it said nothing of it. */
  readonly ours: string | null
  readonly theirs: string | null
}

/** Why the referee answers otherwise: a predicate of the operation and of what was there before it, never of a field alone. */
export interface Explanation<State> {
  readonly name: string
  applies(operation: Operation, before: State): boolean
  /** Which of the differences it accounts for. */
  masks(difference: Difference, ours: Answer, theirs: Answer): boolean
  /** The answers agree, but not what is there afterwards. */
  readonly silent?: true
}

/**
 * What one side never says in answers of these kinds: there is nothing to hold against each other. Where it says it once, the run
 * finds that the silence is none.
 */
export interface Silence {
  readonly of: 'ours' | 'theirs'
  readonly kinds: RegExp
  readonly fields: RegExp
}

/** A server by other authors, with all that is known of where it is not the cloud. */
export interface Referee<State> {
  readonly name: string
  readonly explanations: readonly Explanation<State>[]
  readonly silences: readonly Silence[]
}

/** One side of the conversation: a server at its address, and how to sign for it. */
export interface Voice {
  /** Under which its own containers stand, where a request must name one by address. */
  readonly base?: string
  send(request: Request): Promise<Response>
}

/** A wire as a run speaks it. */
export interface Dialect<State> {
  readonly wire: string
  /** Makes the buckets; names in them may carry `tag`, so that runs do not meet. */
  prepare(voice: Voice, names: Names, tag: string): Promise<void>
  begin(): State
  draw(state: State, at: number): Operation
  /** What the answer assigned: names and values. */
  assigned(operation: Operation, response: Response): readonly (readonly [name: string, value: string])[]
  read(operation: Operation, response: Response, names: Names): Answer
  /** The state after an operation that was answered so, on our side. */
  learn(state: State, operation: Operation, answer: Answer): void
  /** Makes a key absent, with all that is under it. */
  drop(voice: Voice, names: Names, bucket: string, key: string): Promise<void>
  forget(state: State, bucket: string, key: string): void
}

/** The values that one server gave, by the names that a run has for them. */
export class Names {
  readonly #values = new Map<string, string>()
  readonly #names = new Map<string, string>()

  bind(name: string, value: string): void {
    this.#values.set(name, value)
    this.#names.set(value, name)
  }

  /** The name of a value, in the form in which requests carry it. */
  of(value: string): string {
    const name = this.#names.get(value)
    return name === undefined ? '‹unknown›' : `‹${name}›`
  }

  resolve({ path, query, headers, body, ...request }: Request): Request {
    return {
      ...request,
      path: path.map((one) => this.text(one)),
      query: this.#each(query),
      headers: this.#each(headers),
      body: typeof body === 'string' ? this.text(body) : body,
    }
  }

  text(template: string): string {
    return template.replace(/‹([^‹›]+)›/g, (_, name: string) => this.#values.get(name) ?? `unassigned-${name}`)
  }

  #each(record: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, this.text(value)]))
  }
}
