import { expect, it } from 'vitest'

import { messageLines } from '../../../src/demo/message-text.ts'

it('a message of Slack stands in a terminal as names beside values, without the marks of Slack', () => {
  const message = [
    'Callbacks are failing: ivr primary',
    '*Route*',
    'ivr',
    '*Look further*',
    '```',
    'ringback list',
    'ringback show *ID*',
    '```',
    'Incident 1',
  ]
  expect(messageLines(message.join('\n')).map(({ name, text }) => [name.trimEnd(), text])).toEqual([
    ['', 'Callbacks are failing: ivr primary'],
    ['Route', 'ivr'],
    ['Look further', 'ringback list'],
    ['', 'ringback show *ID*'],
    ['', 'Incident 1'],
  ])
  const columns = messageLines(message.join('\n')).map(({ name }) => name.length)
  expect(columns).toEqual([0, 22, 22, 22, 0])
})
