import type { ReactNode } from 'react'

import type { CallbackDetail } from '../../../admin/api.ts'
import { addressOf } from '../../address.ts'
import { CopyButton } from '../../parts/copy.tsx'

/** What the callback is, with everything that can be copied or followed. */
export function Facts({ callback }: { readonly callback: CallbackDetail }) {
  return (
    <dl className="facts callback-facts panel panel-body">
      <Fact name="Call">
        {callback.call_id === '' ? (
          <span className="faint">none</span>
        ) : (
          <span className="copyable">
            <a className="mono clip foreign" href={addressOf(['calls', callback.call_id])}>
              {callback.call_id}
            </a>
            <CopyButton text={callback.call_id} what="the call id" />
          </span>
        )}
      </Fact>
      <Fact name="Delivery id">
        <span className="copyable">
          <span className="mono clip">{callback.id}</span>
          <CopyButton text={callback.id} what="the delivery id" />
        </span>
      </Fact>
      <Fact name="Route">
        {callback.route === '' ? (
          <span className="faint">none</span>
        ) : (
          <>
            <a href={addressOf(['routes'], { id: callback.route })}>{callback.route}</a>{' '}
            <a className="why" href={addressOf(['configuration'], { callback: callback.id })}>
              why there?
            </a>
          </>
        )}
      </Fact>
      <Fact name="Reply drives the call">{callback.kind === 'xml' ? 'yes (xml)' : 'no (notify)'}</Fact>
      {callback.duplicate_of !== '' && (
        <Fact name="Repeat of">
          <a className="mono clip" href={addressOf(['callbacks', callback.duplicate_of])}>
            {callback.duplicate_of}
          </a>
        </Fact>
      )}
      {callback.raw_event !== '' && (
        <Fact name="Event on the wire">
          <span className="foreign">{callback.raw_event}</span>
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
