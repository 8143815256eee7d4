const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A text as a header carries it: UTF-8, byte for byte, and a space for what no header holds. */
export function headerText(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, ' ')
}

/** The text of a header: UTF-8 where its bytes are that, else Latin-1 as it arrived. */
export function textOfHeader(value: string): string {
  try {
    return strict.decode(Buffer.from(value, 'latin1'))
  } catch {
    return value
  }
}
