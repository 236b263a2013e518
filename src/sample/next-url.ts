/**
 * Where the provider would go on after an answer: the first `action` of it, else its `<Redirect>`. Undefined when the
 * answer names neither, or no absolute URL. Good enough for answers that one writes oneself; the provider reads XML.
 */
export function nextUrl(answer: string): URL | undefined {
  const action = /\saction\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(answer)
  const redirect = /<Redirect[^>]*>([^<]*)</.exec(answer)
  const text = action?.[1] ?? action?.[2] ?? redirect?.[1]
  const url = text === undefined ? null : URL.parse(unescaped(text.trim()))
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => entities[entity] ?? entity)
}
