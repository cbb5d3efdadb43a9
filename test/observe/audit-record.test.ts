import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { generator } from '../../scripts/generators/audit.ts'
import { type AuditKind, actor, auditKinds, auditRecord, commonFields, target } from '../../src/observe/audit-record.ts'
import type { Events } from '../../src/observe/events.ts'
import { auditedInMemory } from './audit-memory.ts'
import { auditTable } from './audit-table.ts'
import { eventTable } from './event-table.ts'
import { NOW } from './observed.ts'

const kinds = Object.keys(auditKinds) as AuditKind[]

function call(events: Events, name: keyof Events, argument: object): void {
  const report = events[name] as (argument: object) => void
  report(argument)
}

/** Fields of a record or schema, those of its objects with dots. */
function fieldsOf(record: Record<string, unknown>, prefix = ''): string[] {
  return Object.entries(record).flatMap(([name, value]) => [
    `${prefix}${name}`,
    ...(typeof value === 'object' && value !== null
      ? fieldsOf(value as Record<string, unknown>, `${prefix}${name}.`)
      : []),
  ])
}

function fieldsOfSchema(shape: Readonly<Record<string, unknown>>, prefix = ''): string[] {
  return Object.entries(shape).flatMap(([name, field]) => {
    const core = field instanceof z.ZodOptional ? field.unwrap() : field
    return [`${prefix}${name}`, ...(core instanceof z.ZodObject ? fieldsOfSchema(core.shape, `${prefix}${name}.`) : [])]
  })
}

describe('an event', () => {
  for (const { title, event, argument, records } of auditTable) {
    const result =
      records.length === 0 ? 'no record' : records.map(({ kind, outcome }) => `${kind} ${outcome}`).join(', ')
    test(`leaves behind of ${title} (${event}): ${result}`, () => {
      const audited = auditedInMemory()
      call(audited.events, event, argument)
      expect(audited.records()).toEqual(
        records.map((record, index) => ({
          audit: 1,
          time: new Date(NOW).toISOString(),
          id: `id-${index + 1}`,
          replica: 'gatehouse-0',
          ...record,
        })),
      )
      expect(audited.seen.lines()).toHaveLength(1)
    })
  }

  test('leaves a record only if the table says so', () => {
    const known = new Set(auditTable.filter(({ records }) => records.length > 0).map(({ event }) => event))
    for (const { title, event, argument } of eventTable) {
      if (known.has(event)) continue
      const audited = auditedInMemory()
      call(audited.events, event, argument)
      expect([title, audited.records()]).toEqual([title, []])
    }
  })

  test('that fails while it is read takes nothing down', () => {
    const { events, trail } = auditedInMemory()
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('no')
        },
      },
    )
    for (const name of Object.keys(events) as (keyof Events)[]) expect(() => call(events, name, hostile)).not.toThrow()
    expect(trail).toBeDefined()
  })
})

describe('every record', () => {
  const gap = () => {
    const audited = auditedInMemory()
    audited.room.left = 0
    audited.events.keysCreated({ file: 'a' })
    audited.room.left = 2
    audited.events.keysCreated({ file: 'b' })
    return audited.records()
  }
  const all = () => {
    const audited = auditedInMemory()
    for (const { event, argument } of [...auditTable, ...eventTable]) call(audited.events, event, argument)
    return [...audited.records(), ...gap()]
  }

  test('is as its schema says', () => {
    for (const record of all()) expect(auditRecord.safeParse(record).error?.message).toBeUndefined()
  })

  test('has no field besides those of its schema, and each of those is in some record', () => {
    const shared = [...fieldsOfSchema({ actor }), ...fieldsOfSchema({ target })]
    const written = new Map(kinds.map((kind) => [kind, new Set<string>()]))
    for (const record of all()) for (const field of fieldsOf(record)) written.get(record.kind as AuditKind)?.add(field)
    for (const kind of kinds) {
      const declared = fieldsOfSchema(auditKinds[kind].schema.shape)
      expect([kind, [...(written.get(kind) ?? [])].filter((field) => !declared.includes(field))]).toEqual([kind, []])
      const missing = declared.filter((field) => !written.get(kind)?.has(field) && !shared.includes(field))
      expect([kind, missing]).toEqual([kind, []])
    }
    const anywhere = new Set([...written.values()].flatMap((fields) => [...fields]))
    expect(shared.filter((field) => !anywhere.has(field))).toEqual([])
  })

  test('shows none of the secrets that its event is given', () => {
    const jwt = fc.base64String({ minLength: 12 }).map((text) => `eyJ${text.replace(/[^\w]/g, '')}.eyJ0.c2ln`)
    const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
    const pair = id.map((value) => `code=${value.slice(0, 20)}`)
    const secret = fc.oneof(
      jwt,
      id.filter((text) => /[a-z]/.test(text) && /[A-Z]/.test(text)),
      pair,
    )
    fc.assert(
      fc.property(secret, (hidden) => {
        const audited = auditedInMemory()
        for (const { event, argument } of auditTable) call(audited.events, event, laced(argument, hidden))
        expect(audited.lines().join('')).not.toContain(hidden)
      }),
      { numRuns: 50 },
    )
  })

  test('is one line of JSON, whatever control characters it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const forged = `${text}\r\n{"audit":1,"kind":"login"}\u0000\u001b[2J\u2028`
        const audited = auditedInMemory()
        for (const { event, argument } of auditTable) call(audited.events, event, laced(argument, forged))
        for (const line of audited.lines()) {
          expect(line).toMatch(/^[^\p{Cc}\u2028]*\n$/u)
          expect(() => JSON.parse(line)).not.toThrow()
        }
      }),
    )
  })
})

/** Adds a text to every free text of an event, at any depth. */
function laced(argument: object, hidden: string): object {
  const vocabulary = [
    'outcome',
    'scope',
    'kind',
    'decision',
    'change',
    'actor',
    'subject',
    'sid',
    'digest',
    'before',
    'after',
  ]
  return Object.fromEntries(
    Object.entries(argument).map(([key, value]) => {
      if (Array.isArray(value)) return [key, value.map((one: object) => laced(one, hidden))]
      if (key === 'scope' && typeof value === 'object') return [key, laced(value, hidden)]
      if (vocabulary.includes(key)) return [key, value]
      if (typeof value === 'object' && value !== null) return [key, laced(value, hidden)]
      return [key, typeof value === 'string' ? `${value} ${hidden}` : value]
    }),
  )
}

describe('the reference page', () => {
  const page = readFileSync(new URL(`../../${generator.file}`, import.meta.url), 'utf8')
  const sections = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section) => [
        section.split('\n', 1)[0] ?? '',
        [...section.matchAll(/^\| `([\w.]+)` \|.*\| (.*) \|$/gm)].map(([, field = '', meaning = '']) => ({
          field,
          meaning,
        })),
      ]),
  )
  const fieldsIn = (section: string) => sections.get(section)?.map(({ field }) => field)

  test('is what its generator makes', () => {
    expect(page).toBe(generator.content())
  })

  test('names every kind and field there is, and no other', () => {
    expect([...sections.keys()]).toEqual(['Every record', 'Whom it hits', ...kinds])
    expect(fieldsIn('Every record')?.sort()).toEqual(fieldsOfSchema({ ...commonFields, kind: '', actor }).sort())
    expect(fieldsIn('Whom it hits')).toEqual(fieldsOfSchema({ target }))
    for (const kind of kinds) {
      const shared = fieldsOfSchema({ ...commonFields, kind: '', actor })
      const own = fieldsOfSchema(auditKinds[kind].schema.shape).filter(
        (field) => !shared.includes(field) && !field.startsWith('target.'),
      )
      expect([kind, fieldsIn(kind)]).toEqual([kind, own])
    }
  })

  test('says of every field what it means', () => {
    for (const [section, rows] of sections)
      for (const { field, meaning } of rows) expect([section, field, meaning !== '']).toEqual([section, field, true])
  })
})
