import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { startBrowser } from '../../test/support/browser.ts'
import { Prometheus } from '../../test/support/prometheus.ts'
import { setStage } from '../../test/support/trouble-script.ts'
import type { PanelModel } from './model.ts'
import { pageHtml } from './page.ts'
import { panelData } from './panel-data.ts'
import { SPAN_S, tellStory } from './story.ts'

// Pictures of the dashboards for the docs: npm run pictures. A real daemon meets scripted trouble, a real Prometheus
// scrapes it, and each committed dashboard is drawn from what its own queries yield. It is our drawing and not Grafana's:
// place, size, colours, units, thresholds and legends come from the file, the look is only like Grafana's.

const folder = join(import.meta.dirname, '../../docs/images/dashboards')
const LARGEST_BYTES = 250_000
const STEP_S = 2

interface Dashboard {
  readonly title: string
  readonly panels: readonly PanelModel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly label: string }[] }
}

const variables = {
  job: 'ringback',
  instance: '.+',
  route: '.+',
  target: '.+',
  event: '.+',
  __rate_interval: '15s',
  __interval: `${STEP_S}s`,
  __range: `${SPAN_S}s`,
}
/** Of the dashboard of one route. */
const oneRoute = { 'route.json': 'calls' } as Readonly<Record<string, string>>
const shown: Readonly<Record<string, string>> = {
  datasource: 'Prometheus',
  job: 'ringback',
  ringback: 'http://localhost:8081',
}

async function drawAll(prometheus: Prometheus, to: number): Promise<void> {
  const browser = await startBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const span = { from: to - SPAN_S, to, step: STEP_S }
    for (const file of readdirSync('grafana/dashboards')) {
      const { title, panels, templating } = JSON.parse(
        readFileSync(`grafana/dashboards/${file}`, 'utf8'),
      ) as Dashboard
      const route = oneRoute[file]
      const chosen = route === undefined ? variables : { ...variables, route }
      const words = route === undefined ? shown : { ...shown, route }
      const html = pageHtml({
        title,
        variables: templating.list.map(({ name, label }) => [label, words[name] ?? 'All']),
        panels: await Promise.all(
          panels.map((panel) => panelData(prometheus, panel, { span, variables: chosen })),
        ),
      })
      await page.setContent(html)
      const path = join(folder, file.replace('.json', '.png'))
      await page.screenshot({ path, fullPage: true })
      const { size } = statSync(path)
      console.log(`${path.slice(folder.length + 1).padEnd(14)} ${(size / 1000).toFixed(0)} kB`)
      if (size > LARGEST_BYTES) process.exitCode = 1
    }
  } finally {
    await browser.close()
  }
}

mkdirSync(folder, { recursive: true })
await using stage = await setStage('5s')
await using prometheus = await Prometheus.start({
  jobs: { ringback: new URL(stage.ringback.adminUrl).host },
  rules: ['prometheus/recording.yml', 'prometheus/alerts.yml'],
})
await tellStory(stage)
await drawAll(prometheus, Math.floor(Date.now() / 1000))
