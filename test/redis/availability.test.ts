import { expect, test } from 'vitest'
import { availability } from '../../src/redis/availability.ts'

function watched() {
  const told: { isAvailable: boolean; detail: string }[] = []
  return { told, state: availability({ storeAvailability: (event) => void told.push(event) }) }
}

test('each change is told once, whatever it is told again', () => {
  const { told, state } = watched()
  state.lost('ECONNREFUSED')
  state.lost('connection closed')
  state.connected()
  state.connected()
  state.answering(false, 'no answer')
  state.answering(true, 'the server answers')
  expect(told.map(({ isAvailable }) => isAvailable)).toEqual([false, true, false, true])
})

test('what the server answers in an outage is told, once, though the connection was seen to close before', () => {
  const { told, state } = watched()
  state.connected()
  state.lost('connection closed')
  for (let attempt = 0; attempt < 3; attempt += 1) {
    state.lost('WRONGPASS')
    state.lost('connection closed')
    state.lost('ECONNRESET')
  }
  expect(told.map(({ detail }) => detail)).toEqual(['connected', 'connection closed', 'WRONGPASS'])
  state.connected()
  state.lost('WRONGPASS')
  expect(told.slice(3).map(({ detail }) => detail)).toEqual(['connected', 'WRONGPASS'])
})
