import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'

import { expect, it } from 'vitest'

import { serverCertificate } from '../support/certificates.ts'
import { startRingback } from '../support/start-ringback.ts'
import { waitFor } from '../support/wait-for.ts'

/** Fingerprint of the certificate that a new connection is shown. */
async function fingerprint(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

it('a renewed certificate is taken over by a reload, a broken one is not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-renewal-'))
  const { key, cert } = serverCertificate('self-signed')
  await writeFile(join(folder, 'key.pem'), key)
  await writeFile(join(folder, 'cert.pem'), cert)
  try {
    await using ringback = await startRingback(
      `public_url: https://callbacks.example.com
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
tls: { cert: cert.pem, key: key.pem }
routes: [{ id: any, path: /, target: 'https://example.com/', signature: off }]
`,
      { folder },
    )
    const first = await fingerprint(ringback.publicPort)
    await writeFile(join(folder, 'cert.pem'), 'half a cert')
    process.kill(ringback.pid, 'SIGHUP')
    await waitFor('the complaint', () => ringback.logs().includes('the old one stays'))
    expect(await fingerprint(ringback.publicPort)).toBe(first)

    await writeFile(join(folder, 'cert.pem'), serverCertificate('good').cert)
    process.kill(ringback.pid, 'SIGHUP')
    await waitFor('the other certificate', async () => (await fingerprint(ringback.publicPort)) !== first)
  } finally {
    await rm(folder, { recursive: true })
  }
})
