import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** What a database is made of, the first time. */
export interface Schema {
  /** Of its tables. A file of another format is refused, not guessed at. */
  readonly format: number
  readonly tables: string
}

export const indexSchema: Schema = {
  format: 1,
  tables: `
  CREATE TABLE orders (last INTEGER NOT NULL);
  INSERT INTO orders VALUES (0);

  -- Ids are never given twice, so that who still holds a removed bucket cannot write into its successor.
  CREATE TABLE buckets (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, created_ms INTEGER NOT NULL, attributes TEXT NOT NULL
  );

  -- How many contents hold a piece. The bytes of a small one are beside it; those of a large one are a file of that name.
  CREATE TABLE pieces (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, holders INTEGER NOT NULL);
  CREATE INDEX pieces_unheld ON pieces (id) WHERE holders = 0;
  CREATE TABLE small (piece INTEGER PRIMARY KEY REFERENCES pieces ON DELETE CASCADE, bytes BLOB NOT NULL);

  -- Blobs compare byte by byte: key8 (UTF-8) and key16 (UTF-16, big end first) give the two orders of listings.
  CREATE TABLE entries (
    bucket INTEGER NOT NULL REFERENCES buckets, key8 BLOB NOT NULL, key16 BLOB NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL,
    live INTEGER NOT NULL, marker INTEGER NOT NULL, date_ms INTEGER NOT NULL, left_ms INTEGER,
    size INTEGER NOT NULL, sums TEXT NOT NULL, pieces TEXT NOT NULL, attributes TEXT NOT NULL
  );
  CREATE UNIQUE INDEX entries_id ON entries (bucket, key8, id);
  CREATE UNIQUE INDEX entries_all8 ON entries (bucket, key8, place);
  CREATE UNIQUE INDEX entries_all16 ON entries (bucket, key16, place);
  CREATE UNIQUE INDEX entries_live8 ON entries (bucket, key8) WHERE live = 1;
  CREATE UNIQUE INDEX entries_live16 ON entries (bucket, key16) WHERE live = 1;

  CREATE TABLE uploads (
    number INTEGER PRIMARY KEY, bucket INTEGER NOT NULL REFERENCES buckets, id TEXT NOT NULL, key8 BLOB NOT NULL,
    place INTEGER NOT NULL, date_ms INTEGER NOT NULL, attributes TEXT NOT NULL
  );
  CREATE UNIQUE INDEX uploads_id ON uploads (bucket, id);
  CREATE UNIQUE INDEX uploads_key ON uploads (bucket, key8, place, number);
  CREATE TABLE parts (
    upload INTEGER NOT NULL REFERENCES uploads, name8 BLOB NOT NULL, date_ms INTEGER NOT NULL,
    size INTEGER NOT NULL, sums TEXT NOT NULL, pieces TEXT NOT NULL, attributes TEXT NOT NULL,
    PRIMARY KEY (upload, name8)
  ) WITHOUT ROWID;
`,
}

/**
 * A database of one process. Its lock lasts as long as that, so two engines never share a folder and sweep each other's bytes.
 *
 * `synchronous = NORMAL`: a committed change has been handed to the operating system, so it survives the death of the process at any
 * moment. A power cut may undo the last changes, in order and each whole, and may tear contents that were written in the last seconds:
 * these servers are for development, and waiting for the platter twice a put would be most of what a small put costs.
 */
export function openDatabase(file: string, { format, tables }: Schema): DatabaseSync {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    database.exec('PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -16384; PRAGMA foreign_keys = ON')
    database.exec('BEGIN IMMEDIATE')
    const found = database.prepare('PRAGMA user_version').get()?.['user_version']
    if (found === 0) database.exec(`${tables}; PRAGMA user_version = ${format}`)
    else if (found !== format) {
      throw new Error(`${file}: found format ${String(found)}, expected ${format}: remove the folder to begin anew`)
    }
    database.exec('COMMIT')
    return database
  } catch (error) {
    database.close()
    if (!isBusy(error)) throw error
    throw new Error(`${file} is in use by another process: end it, or choose another folder`, { cause: error })
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}

type Value = null | number | string | Uint8Array

/** A statement that is prepared once and says what its rows are. */
export class Statement<Row = never> {
  readonly #statement: StatementSync

  constructor(database: DatabaseSync, text: string) {
    this.#statement = database.prepare(text)
  }

  one(...values: Value[]): Row | null {
    return (this.#statement.get(...values) as Row | undefined) ?? null
  }

  all(...values: Value[]): Row[] {
    return this.#statement.all(...values) as Row[]
  }

  /** How many rows it changed. */
  run(...values: Value[]): number {
    return Number(this.#statement.run(...values).changes)
  }
}
