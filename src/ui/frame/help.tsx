import { Dialog } from '@base-ui/react/dialog'

import { allScreens } from './screens.ts'

const keys: readonly (readonly [string, string])[] = [
  ['j k', 'next and previous row'],
  ['Enter', 'open the row'],
  ['Esc', 'back'],
  ['/', 'search'],
  ['[ ]', 'previous and next callback of the call (Callback)'],
  ['c', 'copy as cURL (Callback)'],
  ['Space', 'pause and go on (Live)'],
  ['f', 'failures only (Live)'],
  ['t', 'theme'],
  ['z', 'local time or UTC'],
  [`1 … ${allScreens.length}`, 'screens, from the top'],
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
              <div key={key}>
                <dt>
                  {key.split(' ').map((each) => (
                    <kbd key={each}>{each}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <div className="sheet-foot">
            <Dialog.Close className="button">Close</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
