import { TRIAL_ACCOUNT } from './config/trial.ts'

/** What a newcomer reads who started without a file: what runs where, and what to try. */
export function startUpText(at: { readonly publicAddress: string; readonly adminAddress: string }): string {
  return `
  Ringback runs on its trial configuration.

    callbacks   http://${at.publicAddress}/vobiz/${TRIAL_ACCOUNT}     what Vobiz would dial
    admin       http://${at.adminAddress}                   the page; API, /metrics, /healthz, /readyz
    ledger      data/ringback.db
    handler     a sample inside this process, healthy

  Try, in a second terminal:

    npx ringback send call.completed     a signed callback through the public port
    npx ringback list                    what came, and what became of it
    npx ringback trial break             the sample handler fails from now on
    npx ringback send --count 3          three failures in a row are an alert
    npx ringback alerts                  … here it is
    npx ringback trial mend              the sample handler is well again
    npx ringback send --count 2          two successes resolve it

  For your own handler:

    npx ringback init                    writes ringback.yaml, with comments
    npm start -- --config ringback.yaml

`
}
