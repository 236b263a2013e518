import { useQuery } from '@tanstack/react-query'

import type { CallbackDetail, SignatureDiagnosis } from '../../../admin/api.ts'
import { change } from '../../api/ask.ts'
import { plural } from '../../format/amount.ts'
import { Icon } from '../../parts/icons.tsx'
import { Fetched } from '../../parts/notes.tsx'
import { Panel } from '../../parts/panel.tsx'

/** Of a callback whose signature did not verify: what would have verified, and what to change. Shows no signature. */
export function SignatureDoctor({ callback }: { readonly callback: CallbackDetail }) {
  const isAboutSignature = /^(signature|timestamp|nonce)_/.test(callback.reason)
  if (callback.verdict !== 'warned' && !isAboutSignature) return null
  return <Doctor id={callback.id} />
}

function Doctor({ id }: { readonly id: string }) {
  const diagnosis = useQuery({
    queryKey: ['signature-doctor', id],
    queryFn: () => change<SignatureDiagnosis>('POST', 'signature-doctor', { callback: id }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return (
    <Panel title="Signature doctor" note="no signature is ever shown">
      <Fetched of={diagnosis} what="the diagnosis">
        {({ advice, tried }) => (
          <>
            <ul className="advice">
              {advice.map(({ code, text, remedy }) => (
                <li key={`${code} ${text}`}>
                  <Icon name="hint" />
                  <div>
                    <p className="foreign">{text}</p>
                    {remedy !== '' && <p className="foreign advice-remedy">{remedy}</p>}
                  </div>
                </li>
              ))}
            </ul>
            {tried > 0 && (
              <p className="faint small">{plural(tried, 'way', 'ways')} of signing were tried.</p>
            )}
          </>
        )}
      </Fetched>
    </Panel>
  )
}
