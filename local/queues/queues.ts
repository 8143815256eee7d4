/** The queues of one machine: what a cloud's own queue does, in one file. For development. */
import type { DatabaseSync } from 'node:sqlite'
import type { Queue } from '#shared/ports/queue.ts'
import { openDatabase, type Schema, Statement } from '#local/servers/engine/database.ts'

export interface QueueOptions {
  /** A message that was handed out and not acknowledged is handed out again after this long. */
  readonly visibilityMs: number
  /** Handed out so often and never acknowledged, a message is poison: it is put aside whole. */
  readonly receivesMax: number
}

/** A message on its way through a function. */
export interface Delivery {
  readonly id: number
  /** Exactly as it was sent. */
  readonly body: string
  /** How often it was handed out, this time included. */
  readonly receives: number
  /** It is done. False where it had come back to the queue before, so that somebody else may have it. */
  acknowledge(): boolean
  /** It is not done, and comes back after this long. */
  giveBack(delayMs: number): void
}

export interface DeadLetter {
  readonly id: number
  readonly body: string
  readonly receives: number
  readonly sentMs: number
}

const schema: Schema = {
  format: 1,
  tables: `
  -- A message is due, or held until due_ms by whoever has the number of its last receipt, or dead. Ids are never given twice.
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, body TEXT NOT NULL, sent_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, dead INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX messages_due ON messages (queue, dead, due_ms, id);
`,
}

/** All queues of one machine, in one file, which one process has at a time. */
export class Queues {
  readonly #database: DatabaseSync
  readonly #now: () => number

  /** The clock is the wall's: what waits goes on waiting while nothing runs. */
  constructor(file: string, now: () => number) {
    this.#database = openDatabase(file, schema)
    this.#now = now
  }

  queue(name: string, options: QueueOptions): EmbeddedQueue {
    return new EmbeddedQueue(this.#database, name, options, this.#now)
  }

  close(): void {
    this.#database.close()
  }
}

interface Row {
  readonly id: number
  readonly body: string
  readonly receives: number
  readonly sent_ms: number
}

/** Each verb happens at once and whole, and is on disk when it returns. */
export class EmbeddedQueue implements Queue<unknown> {
  readonly #name: string
  readonly #options: QueueOptions
  readonly #now: () => number
  readonly #insert: Statement
  readonly #due: Statement<Row>
  readonly #hold: Statement
  readonly #bury: Statement
  readonly #remove: Statement
  readonly #put: Statement
  readonly #dead: Statement<Row>
  readonly #raise: Statement
  readonly #count: Statement<{ readonly living: number; readonly dead: number; readonly due_ms: number | null }>

  constructor(database: DatabaseSync, name: string, options: QueueOptions, now: () => number) {
    const statement = <R = never>(text: string) => new Statement<R>(database, text)
    this.#name = name
    this.#options = options
    this.#now = now
    this.#insert = statement('INSERT INTO messages (queue, body, sent_ms, due_ms) VALUES (?, ?, ?, ?)')
    this.#due = statement(
      'SELECT * FROM messages WHERE queue = ? AND dead = 0 AND due_ms <= ? ORDER BY due_ms, id LIMIT ?',
    )
    this.#hold = statement('UPDATE messages SET receives = receives + 1, due_ms = ? WHERE id = ?')
    this.#bury = statement('UPDATE messages SET dead = 1 WHERE id = ?')
    this.#remove = statement('DELETE FROM messages WHERE id = ? AND receives = ?')
    this.#put = statement('UPDATE messages SET due_ms = ? WHERE id = ? AND receives = ?')
    this.#dead = statement('SELECT * FROM messages WHERE queue = ? AND dead = 1 ORDER BY id')
    this.#raise = statement('UPDATE messages SET dead = 0, receives = 0, due_ms = ? WHERE queue = ? AND dead = 1')
    this.#count = statement(
      'SELECT count(*) FILTER (WHERE dead = 0) living, count(*) FILTER (WHERE dead = 1) dead, min(due_ms) FILTER (WHERE dead = 0) due_ms FROM messages WHERE queue = ?',
    )
  }

  async send(message: unknown, delayMs: number): Promise<void> {
    this.put(JSON.stringify(message), delayMs)
  }

  /** Text that need not be ours: a cloud's event, whatever it holds. */
  put(body: string, delayMs: number): void {
    const nowMs = this.#now()
    this.#insert.run(this.#name, body, nowMs, nowMs + Math.max(0, delayMs))
  }

  /** Those that have been due for longest. Whoever was handed out too often is put aside instead. */
  receive(most: number): readonly Delivery[] {
    const nowMs = this.#now()
    const deliveries: Delivery[] = []
    for (const row of this.#due.all(this.#name, nowMs, most)) {
      if (row.receives >= this.#options.receivesMax) this.#bury.run(row.id)
      else deliveries.push(this.#handOut(row, nowMs))
    }
    return deliveries
  }

  #handOut({ id, body, receives: before }: Row, nowMs: number): Delivery {
    const receives = before + 1
    this.#hold.run(nowMs + this.#options.visibilityMs, id)
    return {
      id,
      body,
      receives,
      acknowledge: () => this.#remove.run(id, receives) > 0,
      giveBack: (delayMs) => void this.#put.run(this.#now() + delayMs, id, receives),
    }
  }

  deadLetters(): readonly DeadLetter[] {
    return this.#dead.all(this.#name).map(({ id, body, receives, sent_ms: sentMs }) => ({ id, body, receives, sentMs }))
  }

  /** Once what made them poison is mended: all of them are due again, as if they had never been handed out. */
  redrive(): number {
    return this.#raise.run(this.#now(), this.#name)
  }

  /** Handed out or not, as long as nobody has acknowledged them. */
  get size(): number {
    return this.#count.one(this.#name)!.living
  }

  /** The moment at which the next one is due; `null` where none waits. */
  get dueMs(): number | null {
    return this.#count.one(this.#name)!.due_ms
  }
}
