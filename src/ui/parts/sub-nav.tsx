import { usePlace } from '../place.ts'

export interface SubLink {
  readonly id: string
  readonly label: string
  /** How many there are; left out when it is not known. */
  readonly count?: number | undefined
  readonly isBad?: boolean
}

/** The screens of one subject. */
export function SubNav({ label, links }: { readonly label: string; readonly links: readonly SubLink[] }) {
  const [here = ''] = usePlace().parts
  return (
    <nav className="sub-nav" aria-label={label}>
      {links.map(({ id, label: text, count, isBad }) => (
        <a key={id} href={`#/${id}`} aria-current={id === here ? 'page' : undefined}>
          {text}
          {count !== undefined && count > 0 && (
            <span className="count" data-tone={isBad === true ? 'bad' : 'idle'}>
              {count}
            </span>
          )}
        </a>
      ))}
    </nav>
  )
}
