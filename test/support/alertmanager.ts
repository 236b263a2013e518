import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect } from 'vitest'

import { freePort } from './start-ringback.ts'
import { waitFor } from './wait-for.ts'

const config = 'prometheus/alertmanager.yml'

export type Labels = Readonly<Record<string, string>>

/** An alert of its API v2. */
export interface StoredAlert {
  readonly labels: Labels
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] }
  readonly endsAt: string
  readonly updatedAt: string
}

/** A real Alertmanager with the shipped configuration. */
export async function startAlertmanager() {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-alertmanager-'))
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(
    'prometheus-alertmanager',
    [
      `--config.file=${config}`,
      `--storage.path=${folder}`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  )
  const killChild = (): boolean => child.kill('SIGKILL')
  process.once('exit', killChild)
  child.once('exit', () => process.off('exit', killChild))
  const url = `http://${address}`
  await waitFor('Alertmanager', async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok)
  return {
    url,
    /** What fires, as its API tells it. */
    async alerts(): Promise<readonly StoredAlert[]> {
      return (await (await fetch(`${url}/api/v2/alerts`)).json()) as StoredAlert[]
    },
    async post(alerts: readonly Labels[]): Promise<void> {
      const startsAt = new Date().toISOString()
      const response = await fetch(`${url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts.map((labels) => ({ labels, startsAt }))),
      })
      expect(response.status).toBe(200)
    },
    /** Alerts that are kept quiet because of another one. */
    async inhibited(): Promise<readonly Labels[]> {
      const alerts = await this.alerts()
      return alerts.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => labels)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
