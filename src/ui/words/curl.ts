import type { CallbackDetail } from '../../admin/api.ts'

/** Headers that belong to the connection or that curl makes itself. */
const left = new Set(['host', 'content-length', 'connection', 'accept-encoding', 'transfer-encoding'])

/** The request as a command to paste into a shell; masked values stay masked, so a signature will not fit. */
export function curlOf(callback: CallbackDetail, publicUrl: string): string {
  const { request } = callback
  const lines = [`curl -i -X ${callback.method} ${quoted(origin(publicUrl) + callback.path)}`]
  const headers = request?.headers ?? []
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? ''
    if (!left.has(name.toLowerCase())) lines.push(`-H ${quoted(`${name}: ${headers[at + 1] ?? ''}`)}`)
  }
  const body = request?.body ?? ''
  if (body !== '') lines.push(`--data-binary ${quoted(body)}`)
  return lines.join(' \\\n  ')
}

function origin(publicUrl: string): string {
  return URL.parse(publicUrl)?.origin ?? publicUrl
}

/** One word of a POSIX shell, whatever is in it; control characters, which a terminal would obey, are written out. */
function quoted(text: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly these are looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) {
    const escaped = text
      .replaceAll('\\', '\\\\')
      .replaceAll("'", String.raw`\'`)
      // oxlint-disable-next-line no-control-regex -- exactly these are looked for
      .replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => hex(character))
    return `$'${escaped}'`
  }
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function hex(character: string): string {
  if (character === '\n') return String.raw`\n`
  if (character === '\t') return String.raw`\t`
  return String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0')
}
