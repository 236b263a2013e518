import { Dialog } from '@base-ui/react/dialog'

const keys: readonly (readonly [string, string])[] = [
  ['j k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['Esc', 'back'],
  ['/', 'search'],
  ['Space', 'pause and go on (Live)'],
  ['f', 'failures only (Live)'],
  ['c', 'copy as cURL (Callback)'],
  ['t', 'theme'],
  ['z', 'local time or UTC'],
  ['1 … 6', 'screens, from the top'],
  ['?', 'this list'],
]

/** The sheet of keys. */
export function Help(props: { readonly isOpen: boolean; readonly onChange: (isOpen: boolean) => void }) {
  return (
    <Dialog.Root open={props.isOpen} onOpenChange={props.onChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="sheet-back" />
        <Dialog.Popup className="sheet">
          <Dialog.Title>Keys</Dialog.Title>
          <dl className="keys">
            {keys.map(([key, does]) => (
              <div key={key} style={{ display: 'contents' }}>
                <dt>
                  {key.split(' ').map((each) => (
                    <kbd key={each}>{each}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <p style={{ marginTop: 18 }}>
            <Dialog.Close className="button">Close</Dialog.Close>
          </p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
