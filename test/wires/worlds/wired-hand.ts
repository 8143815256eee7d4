import type { Hand } from '#test/simulation/ground.ts'
import type { UserVerbs } from './words.ts'

type Ask = <V extends keyof UserVerbs>(verb: V, ...args: Parameters<UserVerbs[V]>) => ReturnType<UserVerbs[V]>

/** Every client of these clouds says some type; what none was said of is the corpus's concern. */
const contentType = 'application/octet-stream'

const done = {}

/** A user whose every act is one of a cloud's own client. */
export function wiredHand(ask: Ask): Hand {
  return {
    put: (key, bytes, { headers = {}, metadata = {}, tags = {} }) =>
      ask('put', key, bytes, { contentType: headers.contentType ?? contentType, metadata, tags }),
    delete: (key) => ask('delete', key),
    undelete: (key) => ask('undelete', key),
    restore: (key, version) => (ask('restore', key, version) ? done : null),
    copy: (from, to) => (ask('copy', from, to) ? done : null),
    begin(key, { headers = {}, metadata = {} } = {}) {
      const upload = ask('begin', key, { contentType: headers.contentType ?? contentType, metadata, tags: {} })
      const parts: Uint8Array[] = []
      return {
        part: (bytes) => void parts.push(bytes),
        complete: () => ask('complete', key, upload, parts),
      }
    },
    patch: (key, { metadata }) => void ask('patch', key, metadata),
    setTags: (key, tags) => ask('setTags', key, tags),
  }
}
