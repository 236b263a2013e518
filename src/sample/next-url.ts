/** Where an answer can send the provider: attributes of its elements. `action` is also the text of a `<Redirect>`. */
export type Follow = 'action' | 'callbackUrl' | 'statusCallbackUrl' | 'waitSound'

const patterns: Readonly<Record<Follow, RegExp>> = {
  action: /\saction\s*=\s*(?:"([^"]*)"|'([^']*)')|<Redirect[^>]*>([^<]*)</,
  callbackUrl: /\scallbackUrl\s*=\s*(?:"([^"]*)"|'([^']*)')/,
  statusCallbackUrl: /\sstatusCallbackUrl\s*=\s*(?:"([^"]*)"|'([^']*)')/,
  waitSound: /\swaitSound\s*=\s*(?:"([^"]*)"|'([^']*)')/,
}

/**
 * The URLs that an answer names, the first of each kind; relative ones are of the URL that answered. Good enough for
 * answers that one writes oneself; the provider reads XML.
 */
export function urlsIn(answer: string, base: URL): ReadonlyMap<Follow, URL> {
  const found = new Map<Follow, URL>()
  for (const [name, pattern] of Object.entries(patterns)) {
    const match = pattern.exec(answer)
    const text = match?.[1] ?? match?.[2] ?? match?.[3]
    const url = text === undefined ? null : URL.parse(unescaped(text.trim()), base)
    // Safe: the keys of `patterns`.
    if (url !== null && /^https?:$/.test(url.protocol)) found.set(name as Follow, url)
  }
  return found
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
