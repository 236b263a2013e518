const MASK = '•••'

/** A text in which masked places are seen to be masked. */
export function Masked({ text }: { readonly text: string }) {
  const [first = '', ...rest] = text.split(MASK)
  return (
    <>
      {first}
      {rest.map((part, at) => (
        // The places of a text do not move, so their numbers are good keys.
        // oxlint-disable-next-line react/no-array-index-key -- see above
        <span key={at}>
          <span className="masked" title="masked: secrets and telephone numbers are not kept">
            {MASK}
          </span>
          {part}
        </span>
      ))}
    </>
  )
}
