import { useState } from 'react'

import { Icon } from './icons.tsx'

const SHOWN_MS = 1600

/** Copies a text; the tick says that it has. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [isDone, copy] = useCopy(text)
  return (
    <button
      type="button"
      className="copy"
      aria-label={isDone ? 'Copied' : `Copy ${what}`}
      title={`Copy ${what}`}
      onClick={copy}
    >
      <Icon name={isDone ? 'done' : 'copy'} />
    </button>
  )
}

/** The same as a button with words. */
export function CopyTextButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isDone, copy] = useCopy(text)
  return (
    <button type="button" className="button" onClick={copy}>
      <Icon name={isDone ? 'done' : 'copy'} />
      {isDone ? 'Copied' : label}
    </button>
  )
}

function useCopy(text: string): readonly [isDone: boolean, copy: () => void] {
  const [isDone, setDone] = useState(false)
  const copy = async (): Promise<void> => {
    await copyText(text)
    setDone(true)
    setTimeout(() => setDone(false), SHOWN_MS)
  }
  return [isDone, () => void copy()]
}

/** Browsers offer the clipboard only over TLS and on this machine; elsewhere the old way still works. */
export async function copyText(text: string): Promise<void> {
  if (isSecureContext) {
    await navigator.clipboard.writeText(text)
    return
  }
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}
