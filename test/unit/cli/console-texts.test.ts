import { expect, it } from 'vitest'

import { startAdmin } from '../../support/admin-parts.ts'
import { naughtyStrings } from '../../support/naughty-strings.ts'
import { cli } from '../../support/run-cli.ts'

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const hostile = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u

it.each(['config', 'explain /x', 'doctor signature ID', 'audit', 'reload'])(
  'whatever stands in a field reaches the terminal harmless in `ringback %s`, plain and as JSON',
  async (line) => {
    await using admin = await startAdmin()
    for (const text of naughtyStrings) {
      const facts = { event: text, call_id: text, account: text, application: text, trunk: text }
      const setting = { path: text, value: text, origin: 'file', line: 1, inherited_from: text } as const
      const secret = {
        is_secret: true,
        is_set: true,
        secret_from: [text],
        needs_restart: false,
        waits_for_restart: true,
        meaning: text,
      }
      Object.assign(admin.parts, {
        configuration: () => ({
          source: text,
          loaded_at: 0,
          problem: text,
          rows: [{ ...setting, ...secret }],
        }),
        explainRoute: () =>
          Promise.resolve({
            path: text,
            method: 'POST',
            facts,
            steps: [{ scope: 'path', route: text, is_chosen: true, why: text }],
            route: text,
            effects: [text],
            remarks: [text],
          }),
        diagnoseSignature: () =>
          Promise.resolve({
            callback: text,
            route: text,
            reason: text,
            examined_at: 0,
            tried: 1,
            advice: [{ code: text, text, remedy: text }],
          }),
        reload: () =>
          Promise.resolve({
            dry_run: false,
            changes: [{ field: text, text, needs_restart: true }],
            warnings: [text],
          }),
      })
      admin.parts.audited = [
        { id: text, at: 0, who: text, role: text, peer: text, action: text, reason: text, status: 200 },
      ]
      for (const more of [[], ['--json']]) {
        const { code, stdout, stderr } = await cli([...line.split(' '), ...more, '--url', admin.url])
        expect([text.slice(0, 40), code, hostile.exec(stdout), hostile.exec(stderr)]).toEqual([
          text.slice(0, 40),
          0,
          null,
          null,
        ])
      }
    }
  },
)
