import { script } from '../redis/script.ts'
import { FARTHEST_AHEAD_MS } from './store-clock.ts'

/** Entries kept on the stream, more or less. A reader that lags further behind reads the whole set. */
const STREAM_LENGTH = 100_000
/** Expired ones that are looked for at each write; each write adds one, so they never pile up. */
const SWEPT_AT_WRITE = 20
const SWEPT_AT_LOOK = 20
/** Nothing comes behind it, and Redis refuses to be asked for that. */
const LAST_POSSIBLE_ID = '18446744073709551615-18446744073709551615'

/** Longer ones are not ours, and would be sent with every look. */
const LONGEST_NAME = 64
/** In bytes; a scope has at most 4096 characters. What is longer is not ours, and many of them could not be read in time. */
const LONGEST_FIELD = 16_384
/** Of numbers that the scripts keep; what has more is not ours, and Lua could not count on from it. */
const MOST_DIGITS = 15

/** What is left of the state, if it can be ours and belongs to the set as it is: `name` is nil if not, and so is `count`. */
const READ_STATE = `
local function digits(text)
  return text and #text <= ${MOST_DIGITS} and string.match(text, '^%d+$') and tonumber(text) or nil
end

local name, count, size = unpack(redis.call('HMGET', KEYS[3], 'name', 'count', 'size'))
count = digits(count)
local held = redis.call('HLEN', KEYS[1])
local is_name = name and #name <= ${LONGEST_NAME} and string.match(name, '^%w+$')
if not is_name or not count or digits(size) ~= held then name = nil end
`

/**
 * Every script has the same keys: the set, the stream, the state (`name` of the data, `count` of entries ever written, `size`
 * of the set, `scan` for the sweeping) and the clock; and begins with the same arguments: a lower bound of the clock, a fresh
 * name, the caller's wall clock.
 *
 * What stands under a key that is of another type than ours cannot have been written by us, and nothing of ours is left there:
 * it is removed. Then, or if the set is not of the size that the last script left it with, or the state holds what no script
 * writes, the data counts as lost and gets a new name, whereupon every replica reads it anew and gives back what it knows.
 *
 * Whatever stands under the keys, the clock is ahead of the server's by `FARTHEST_AHEAD_MS` at most, and a revocation with a later
 * moment counts as none, for the scripts as for replicas.
 */
const BEGIN = `
local set, stream, state, clock = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local foreign = 0
for key, kind in pairs({ [set] = 'hash', [stream] = 'stream', [state] = 'hash', [clock] = 'string' }) do
  local found = redis.call('TYPE', key)['ok']
  if found ~= 'none' and found ~= kind then
    redis.call('DEL', key)
    foreign = foreign + 1
  end
end

-- The clock goes on from the highest value that it has ever had, and falls back to the server's by going a little slower.
local answer = redis.call('TIME')
local time = answer[1] * 1000 + answer[2] / 1000
local latest = time + ${FARTHEST_AHEAD_MS}
local now = time
local noted = redis.call('GET', clock) or ''
-- A long text would keep the pattern busy for minutes.
local highest, noted_at = string.match(#noted <= 64 and noted or '', '^(%d+%.?%d*) (%d+%.?%d*)$')
highest, noted_at = tonumber(highest), tonumber(noted_at)
if highest and highest > time then now = highest + math.max(0, time - noted_at) * 0.9995 end
now = math.min(math.max(now, tonumber(ARGV[1])), latest)
local swept_before = math.min(now, time, tonumber(ARGV[3]))

local function whole(number)
  return string.format('%.0f', math.floor(number))
end
${READ_STATE}
count = count or 0
if not name or foreign > 0 then
  name = ARGV[2]
  local named = redis.pcall('HSET', state, 'name', name, 'count', whole(count), 'size', held)
  -- A replica, or a server without memory, cannot be given a name now.
  if type(named) == 'table' and named.err then name = '' end
end

local function field(section, pattern)
  return string.match(redis.call('INFO', section), pattern) or ''
end

local function server()
  return field('server', 'run_id:(%w+)') .. ':' .. field('replication', 'master_replid:(%w+)') .. ':' .. name
end

local function online()
  local _, count = string.gsub(redis.call('INFO', 'replication'), 'state=online', '')
  return count
end

local function times(value)
  local at, expires = string.match(value or '', '^(%d+) (%d+)$')
  at, expires = digits(at), digits(expires)
  if at and expires and at <= latest then return at, expires end
end

local function keep_clock()
  redis.pcall('SET', clock, string.format('%.3f %.3f', now, time))
end

local function append(...)
  count = count + 1
  local added = redis.pcall('XADD', stream, 'MAXLEN', '~', ${STREAM_LENGTH}, '*', 'n', whole(count), ...)
  if type(added) ~= 'table' or not added.err then return end
  if not string.find(added.err, 'last possible ID', 1, true) then error(added) end
  -- Somebody has used up the ids of the stream.
  redis.call('DEL', stream)
  name = ARGV[2]
  redis.call('XADD', stream, '*', 'n', whole(count), ...)
end

local function put(scope, at, expires)
  local known_at, known_expires = times(redis.call('HGET', set, scope))
  at, expires = math.max(at, known_at or 0), math.max(expires, known_expires or 0)
  -- What is issued after it must not come to lie before it.
  now = math.max(now, at)
  if at ~= known_at or expires ~= known_expires then
    append('revoked', scope, 'at', whole(at), 'expires', whole(expires))
    redis.call('HSET', set, scope, whole(at) .. ' ' .. whole(expires))
  end
  return at, expires
end

local function finish()
  keep_clock()
  redis.call('HSET', state, 'name', name, 'count', whole(count), 'size', redis.call('HLEN', set))
end

local function sweep(most)
  local cursor = whole(digits(redis.call('HGET', state, 'scan')) or 0)
  local reply = redis.call('HSCAN', set, cursor, 'COUNT', most)
  for index = 1, #reply[2], 2 do
    local scope, value = reply[2][index], reply[2][index + 1]
    local _, expires = times(value)
    local is_foreign = #scope > ${LONGEST_FIELD} or #value > ${LONGEST_FIELD}
    if is_foreign or (expires and expires <= swept_before) then redis.call('HDEL', set, scope) end
  end
  if reply[1] ~= cursor then redis.call('HSET', state, 'scan', reply[1]) end
end
`

/**
 * Arguments: scope, life in milliseconds. Lives go by wall clocks, so it ends by the later of the server's and the caller's: by
 * a clock of issues that is far ahead it would be kept for as long as that is.
 * Returns: foreign keys, moment, end, server, how many replicas are online.
 */
export const recordScript = script(`${BEGIN}
local at, expires = put(ARGV[4], math.floor(now), math.floor(math.max(time, tonumber(ARGV[3]))) + tonumber(ARGV[5]))
sweep(${SWEPT_AT_WRITE})
finish()
return { foreign, whole(at), whole(expires), server(), online() }
`)

/** Argument: sid. Returns: foreign keys. */
export const announceScript = script(`${BEGIN}
append('changed', ARGV[4])
finish()
return { foreign }
`)

/** Arguments: scope, moment and end, of each revocation. Returns: foreign keys. */
export const restoreScript = script(`${BEGIN}
for index = 4, #ARGV, 3 do
  local at, expires = math.min(tonumber(ARGV[index + 1]), latest), tonumber(ARGV[index + 2])
  if expires > swept_before then put(ARGV[index], at, expires) end
end
sweep(${SWEPT_AT_WRITE})
finish()
return { foreign }
`)

/**
 * Arguments: cursor, or nothing for the end alone; most entries. One step, so what it says of server, stream and number belongs
 * together. It answers also where nothing can be written.
 * Returns: foreign keys, server, role, clock, server's time, count, id of the last entry, entries, how many replicas are online.
 */
export const lookScript = script(`${BEGIN}
local role = field('replication', 'role:(%w+)')
keep_clock()
if role == 'master' then
  if pcall(sweep, ${SWEPT_AT_LOOK}) then
    local left = redis.call('HLEN', set)
    if left ~= held then redis.pcall('HSET', state, 'size', left) end
  end
end
local entries = {}
if ARGV[4] ~= '' and ARGV[4] ~= '${LAST_POSSIBLE_ID}' then
  entries = redis.call('XRANGE', stream, '(' .. ARGV[4], '+', 'COUNT', ARGV[5])
end
local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
return { foreign, server(), role, whole(now), whole(time), count, last and last[1] or '0-0', entries, online() }
`)

/**
 * Argument after the common three: cursor of HSCAN, how many. What is too long to be ours comes as an empty text.
 * Returns: server, next cursor, fields and values.
 */
export const pageScript = script(`
local function field(section, pattern)
  return string.match(redis.call('INFO', section), pattern) or ''
end
${READ_STATE}
local server = field('server', 'run_id:(%w+)') .. ':' .. field('replication', 'master_replid:(%w+)') .. ':' .. (name or '')
local reply = redis.call('HSCAN', KEYS[1], ARGV[4], 'COUNT', ARGV[5])
for index, text in ipairs(reply[2]) do
  if #text > ${LONGEST_FIELD} then reply[2][index] = '' end
end
return { server, reply[1], reply[2] }
`)
