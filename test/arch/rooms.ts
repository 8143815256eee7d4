/** Who may import whom. A folder that is not in this table is refused: give it a row before its first file. */

const core = ['shared/kernel', 'shared/ports']
const features = ['shared/replication', 'shared/reconcile']

export const rooms: Readonly<Record<string, readonly string[]>> = {
  'shared/kernel': [],
  'shared/ports': ['shared/kernel'],
  'shared/config': core,
  'shared/conformance': [...core, 'shared/layers'],
  'shared/memory': core,
  'shared/layers': core,
  'shared/replication': [...core, 'shared/config'],
  'shared/reconcile': [...core, 'shared/config', 'shared/replication'],
  // What the functions of all clouds do alike: handle.ts, message.ts, runtime.ts, ...
  functions: [...core, ...features, 'shared/config', 'shared/layers'],
  // A cloud's own words: event.ts, config.ts, and forms/, in which it tells of an object by the name that its driver gave it.
  cloud: [...core, 'shared/config', 'shared/replication', 'functions', 'drivers'],
  drivers: core,
  triggers: [...core, ...features, 'shared/config', 'functions', 'cloud'],
  // functions/stores.ts: the only file that knows all three clouds' drivers.
  stores: [
    ...core,
    'shared/config',
    'shared/conformance',
    'shared/layers',
    'shared/replication',
    'functions',
    'drivers',
  ],
  // Which queue a cloud leaves its work in: queues.ts.
  queues: [...core, 'functions', 'drivers'],
  main: [...core, ...features, 'shared/config', 'shared/layers', 'functions', 'cloud', 'stores', 'queues', 'triggers'],
  // cli/: the operator's hand. It meets a cloud through the same stores as the functions.
  cli: [...core, 'shared/config', 'shared/conformance', 'functions', 'stores', 'prove'],
  cdk: [...core, 'shared/config', 'functions', 'cloud'],
  // local/: one machine plays three clouds. The engine knows no wire, a wire knows no other.
  engine: [],
  http: [],
  face: ['engine', 'http', 'shared/kernel'],
  servers: ['engine', 'http', 'face'],
  // local/queues: what waits on one machine, in the same kind of database as the engine's index.
  'local/queues': ['engine', 'shared/ports'],
  prove: ['shared/config'],
  test: ['*'],
}

/** The room that a file stands in. Rooms of the clouds are named by their role, so that one row holds for all three. */
export function roomOf(path: string): string {
  const [top = '', second = '', third = ''] = path.split('/')
  if (top === 'shared') return `shared/${second}`
  if (top === 'local' && second !== 'servers') return `local/${second}`
  if (top === 'local') return third === 'engine' || third === 'http' ? third : third.includes('.') ? 'servers' : 'face'
  if (top !== 'functions') return top
  if (third === '') return second === 'stores.ts' ? 'stores' : 'functions'
  if (third === 'triggers' || third === 'drivers') return third
  if (third === 'queues.ts') return 'queues'
  return third === 'main.ts' ? 'main' : 'cloud'
}

export const clouds: readonly string[] = ['aws', 'azure', 'gcp']

/** The cloud whose folder a file stands in, if any; an embedded one counts like its original. */
export function cloudOf(path: string): string | null {
  const [top, second = '', third = ''] = path.split('/')
  if (top === 'local') return roomOf(path) === 'face' ? third : null
  return top === 'functions' && clouds.includes(second) ? second : null
}

/** What the core takes from others: small, web-standard, without a cloud. A new name here is a decision. */
export const packagesOfShared: readonly string[] = ['zod', 'hash-wasm']
