/** Gives back the URL that a captured one stands for; undefined for a token that is not known. */
export type OriginalOf = (token: string) => string | undefined

/**
 * An answer of the API with its captured URLs mapped back. They are found as whole JSON strings, also in the spelling
 * with `\/`; everything else stays as it is.
 *
 * @param prefix what captured URLs begin with, up to the token
 */
export function unwrapAnswer(text: string, prefix: string, originalOf: OriginalOf): string {
  const [, scheme = '', rest = ''] = /^(https?:\/\/)(.*)$/.exec(prefix) ?? []
  const pattern = new RegExp(
    `(?<!\\\\)"${slashed(scheme)}(?:[^"\\\\/@]+@)?${slashed(rest)}([\\w-]{16,128})(?:#[^"\\\\]*)?"`,
    'g',
  )
  return text.replace(pattern, (found, token: string) => {
    const original = originalOf(token)
    if (original === undefined) return found
    const json = JSON.stringify(original)
    return found.includes('\\/') ? json.replaceAll('/', '\\/') : json
  })
}

/** A pattern for a text in which each slash may be escaped. */
function slashed(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('/', '\\\\?/')
}
