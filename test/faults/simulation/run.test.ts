import { expect, test } from 'vitest'
import type { Entry } from '../../../faults/history.ts'
import { simulate } from '../../../faults/simulation/run.ts'
import { mistakes } from './mistakes.ts'

const SEEDS = 2000

test('a seed plays the same run each time, whatever was played before', async () => {
  const first = await simulate(7)
  await simulate(8)
  expect(await simulate(7)).toEqual(first)
  expect((await simulate(8)).history).not.toEqual(first.history)
})

test('runs are full of faults, of refreshes, and of revocations and checks of every kind of answer', async () => {
  const seen = new Map<string, number>()
  const refreshes = { asked: 0, renewed: 0, refused: 0 }
  for (let seed = 1; seed <= 200; seed += 1) {
    const run = await simulate(seed)
    for (const entry of run.history) seen.set(traitOf(entry), (seen.get(traitOf(entry)) ?? 0) + 1)
    for (const kind of ['asked', 'renewed', 'refused'] as const) refreshes[kind] += run.refreshes[kind]
  }
  const answers = ['check allow', 'check challenge', 'check unavailable', 'check none']
  const faults = ['partition', 'cut pair', 'stopped replica', 'killed replica', 'FLUSHALL', 'old snapshot', 'slow node']
  const more = [
    'trimmed stream',
    'clock of a server',
    'clock of a replica',
    'server that refuses',
    'paused server',
    'provider that is down',
  ]
  const losses = ['data-loss failover', 'data-loss FLUSHALL', 'data-loss snapshot']
  const revocations = ['revocation accepted', 'revocation pending', 'revocation unknown']
  for (const trait of [...answers, ...faults, ...more, 'killed server', ...losses, ...revocations]) {
    expect(seen.get(trait) ?? 0, trait).toBeGreaterThan(5)
  }
  expect(refreshes.renewed).toBeGreaterThan(500)
  expect(refreshes.refused).toBeGreaterThan(50)
  expect(seen.get('check allow')).toBeGreaterThan(3000)
  expect(seen.get('revocation accepted')).toBeGreaterThan(1000)
})

function traitOf(entry: Entry): string {
  if (entry.kind === 'check' || entry.kind === 'revocation') return `${entry.kind} ${entry.answer}`
  if (entry.kind === 'data-loss') return `data-loss ${entry.cause}`
  if (entry.kind === 'fault') return entry.fault.replace(/^\d+: /, '')
  return entry.kind
}

test.for(mistakes)('a replica that $title is found out', { timeout: 120_000 }, async ({ spoiling, finds }) => {
  let problem: string | undefined
  for (let seed = 1; seed <= SEEDS && problem === undefined; seed += 1) {
    problem = (await simulate(seed, spoiling)).problems[0]
  }
  expect(problem?.split(':')[0]).toBeOneOf(finds)
})
