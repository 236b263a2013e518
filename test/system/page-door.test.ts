import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hasBrowser } from '../support/browser.ts'
import { faults, usePages } from '../support/page-rig.ts'
import { pageToken, startStage } from '../support/page-stage.ts'
import { freePort } from '../support/start-ringback.ts'
import { waitFor } from '../support/wait-for.ts'

// How people come to the page: with a token, and for the first time.

const REPOSITORY = join(import.meta.dirname, '../..')
const pages = usePages()

describe.runIf(hasBrowser)('the door of the page', () => {
  it('asks for a token once, keeps it nowhere, and lets out again', async () => {
    await using stage = await startStage({ withToken: true })
    const page = await pages.open(stage)
    await page.getByLabel('Token').fill('not-the-token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('not one of admin.tokens').waitFor()
    expect(await faults(page)).toEqual([])
    await page.getByLabel('Token').fill(pageToken)
    await page.getByLabel('Token').press('Enter')
    await page.getByRole('heading', { name: 'Live' }).waitFor()
    await page.getByText('Nothing has come yet').waitFor()
    await stage.send({ event: 'call.initiated', callId: 'behind-the-door' })
    await page.getByText('behind-the-door').waitFor()
    const kept = await page.evaluate(
      'document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })',
    )
    expect(kept).not.toContain(pageToken)
    expect(kept).not.toContain('ringback_session')
    await page.reload()
    await page.getByText('behind-the-door').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Token').waitFor()
  })
})

describe.runIf(hasBrowser)('a newcomer in the browser', () => {
  let folder = ''
  let daemon: ChildProcess | undefined
  let url = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringback-page-'))
    const admin = `127.0.0.1:${await freePort()}`
    url = `http://${admin}`
    daemon = spawn(process.execPath, [join(REPOSITORY, 'bin/ringback.js')], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        RINGBACK_TRIAL_LISTEN: `127.0.0.1:${await freePort()}`,
        RINGBACK_TRIAL_ADMIN_LISTEN: admin,
      },
      stdio: 'ignore',
    })
    await waitFor('readiness', () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
  })
  afterAll(async () => {
    if (daemon?.exitCode === null) {
      daemon.kill()
      await once(daemon, 'exit')
    }
    await rm(folder, { recursive: true })
  })

  it('gets from nothing to an alert and back without leaving one screen', async () => {
    const page = await pages.openUrl(`${url}/#/start`)
    await page.getByText('To do: ').first().waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Send a test callback' }).click()
    await page.getByText('Vobiz would have been told 200').waitFor()
    await page.getByRole('switch').click()
    await page.getByText('The sample handler is broken').waitFor()
    const several = page.getByRole('button', { name: 'Send 3 callbacks' })
    await several.click()
    await page.getByText('An alert fires').waitFor()
    await page.getByRole('switch').click()
    await page.getByText('Break the sample handler').waitFor()
    await several.click()
    await page.getByText('The alert is resolved').waitFor()
    expect(await page.getByText('To do: ').count()).toBe(0)
  })
})
