import { mkdirSync, writeFileSync } from 'node:fs'

import { metricsMarkdown } from '../src/metrics/docs.ts'

// Every page that is written from code; a test of each compares the page on disk with what stands here.
mkdirSync('docs', { recursive: true })
writeFileSync('docs/metrics.md', metricsMarkdown())
