import { readFileSync } from 'node:fs'

import type { Command } from 'commander'

import type { SignatureDiagnosis } from '../../../admin/api.ts'
import { RingbackError } from '../../../errors.ts'
import type { Cli } from '../../cli.ts'
import { connect } from '../../client.ts'
import { oneLine } from '../../terminal-text.ts'

/** `ringback doctor signature` */
export function addDoctorSignature(doctor: Command, cliFor: (command: Command) => Cli): void {
  doctor
    .command('signature')
    .summary('say why a signature did not verify, and what to change')
    .argument('[id]', 'id of a refused callback, as `ringback list --result rejected` prints it')
    .option(
      '--raw <file>',
      'an HTTP request instead: request line, headers, empty line, body; - for standard input',
    )
    .addHelpText(
      'before',
      'Examples:\n  ringback doctor signature 01KAJ5M3ZQ8XW2V7T4R6N9PBCD\n  ringback doctor signature --raw request.http\n',
    )
    .action(async (id: string | undefined, options: { readonly raw?: string }, command: Command) => {
      const cli = cliFor(command)
      if ((id === undefined) === (options.raw === undefined)) {
        throw new RingbackError('usage', 'Say which: the id of a refused callback, or --raw FILE.')
      }
      const request = options.raw === undefined ? { callback: id } : { raw: readRaw(options.raw) }
      const found = await connect(cli).post<SignatureDiagnosis>('/api/v1/signature-doctor', request)
      if (cli.options.json === true) cli.printJson(found)
      else cli.print(diagnosisText(found, cli))
    })
}

function readRaw(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (cause) {
    throw new RingbackError('usage', `--raw: cannot read ${oneLine(file, 200)}.`, { cause })
  }
}

function diagnosisText({ route, reason, advice, tried }: SignatureDiagnosis, { paint }: Cli): string {
  const head = reason === '' ? `Route ${route}` : `Route ${route}: ${reason}`
  return [
    paint('bold', oneLine(head)),
    ...advice.flatMap(({ text, remedy }) => [
      oneLine(text, 600),
      ...(remedy === '' ? [] : [paint('green', `  → ${oneLine(remedy, 600)}`)]),
    ]),
    ...(tried === 0
      ? []
      : [paint('dim', `${tried} ways of signing were tried. No signature is ever shown.`)]),
  ].join('\n')
}
