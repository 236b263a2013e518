import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { watchTlsFiles } from '../../src/assembly/tls-files.ts'
import { serverCertificate } from '../support/certificates.ts'

let folder = ''
let tls = { cert: '', key: '' }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringback-tls-'))
  tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await writeFile(tls.key, serverCertificate('good').key)
  await writeFile(tls.cert, serverCertificate('expired').cert)
})
afterEach(() => rm(folder, { recursive: true }))

test('files are handed out once after each change', async () => {
  const watch = watchTlsFiles(tls)
  expect(watch.renewed()).toBeUndefined()
  const { cert } = serverCertificate('good')
  await writeFile(tls.cert, cert)
  expect(watch.renewed()?.cert.toString()).toBe(cert)
  expect(watch.renewed()).toBeUndefined()
})

test('what a renewal has half written is told, and asked for again', async () => {
  const watch = watchTlsFiles(tls)
  const { cert } = serverCertificate('good')
  await writeFile(tls.cert, cert.slice(0, 100))
  expect(() => watch.renewed()).toThrow(/cert\.pem.*cannot be used/)
  await rm(tls.cert)
  expect(() => watch.renewed()).toThrow(/cannot be used/)
  await writeFile(tls.cert, cert)
  expect(watch.renewed()?.cert.toString()).toBe(cert)
})

test('a certificate of another key is refused', async () => {
  await writeFile(
    tls.key,
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  )
  expect(() => watchTlsFiles(tls)).toThrow(/is not the key of/)
})
