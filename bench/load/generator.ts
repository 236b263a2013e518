import type { Command, Window } from './protocol.ts'
import { SignedRequests } from './signed-requests.ts'
import { closedLoop, openLoop } from './windows.ts'

// The load generator, a process of its own: run.ts tells it over IPC what to send and gets back what it saw.
const requests = new SignedRequests(
  process.env['BENCH_WEBHOOK_SECRET'] ?? '',
  process.env['BENCH_PATH'] ?? '/',
)

process.on('disconnect', () => process.exit(0))
process.on('message', (command: Command) => {
  void obey(command).then((window) => process.send?.({ window }))
})

async function obey(command: Command): Promise<Window | undefined> {
  switch (command.do) {
    case 'prepare':
      requests.prepare(command.count, command.routes)
      return undefined
    case 'run':
      return command.rate === 0 ? closedLoop(requests, command) : openLoop(requests, command, command.rate)
  }
}
