import { script } from '../redis/script.ts'

/** Entries kept on the stream, more or less. A reader that lags further behind reads the whole set. */
const STREAM_LENGTH = 100_000
/** Expired ones that are looked for at each write; each write adds one, so they never pile up. */
const SWEPT_AT_WRITE = 20
const SWEPT_AT_LOOK = 20
/** Nothing comes behind it, and Redis refuses to be asked for that. */
const LAST_POSSIBLE_ID = '18446744073709551615-18446744073709551615'

/**
 * Every script has the same keys: the set, the stream, the state (`name` of the data, `count` of entries ever written, `size`
 * of the set, `scan` for the sweeping) and the clock; and begins with the same arguments: a lower bound of the clock, a fresh
 * name, the caller's wall clock.
 *
 * What stands under a key that is of another type than ours cannot have been written by us, and nothing of ours is left there:
 * it is removed. Then, or if the set is not of the size that the last script left it with, the data counts as lost and gets a
 * new name, whereupon every replica reads it anew and gives back what it knows.
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
local now = time
local highest, noted_at = string.match(redis.call('GET', clock) or '', '^(%d+%.?%d*) (%d+%.?%d*)$')
highest, noted_at = tonumber(highest), tonumber(noted_at)
if highest and highest > time then now = math.max(time, highest + math.max(0, time - noted_at) * 0.9995) end
now = math.max(now, tonumber(ARGV[1]))
local swept_before = math.min(now, time, tonumber(ARGV[3]))

local name, count, size = unpack(redis.call('HMGET', state, 'name', 'count', 'size'))
count = tonumber(count) or 0
local held = redis.call('HLEN', set)
if not name or foreign > 0 or tonumber(size) ~= held then
  name = ARGV[2]
  local named = redis.pcall('HSET', state, 'name', name, 'count', count, 'size', held)
  -- A replica, or a server without memory, cannot be given a name now.
  if type(named) == 'table' and named.err then name = '' end
end

local function whole(number)
  return string.format('%.0f', math.floor(number))
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
  return tonumber(at), tonumber(expires)
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
  local cursor = redis.call('HGET', state, 'scan') or '0'
  local reply = redis.call('HSCAN', set, cursor, 'COUNT', most)
  for index = 1, #reply[2], 2 do
    local _, expires = times(reply[2][index + 1])
    if expires and expires <= swept_before then redis.call('HDEL', set, reply[2][index]) end
  end
  if reply[1] ~= cursor then redis.call('HSET', state, 'scan', reply[1]) end
end
`

/**
 * Arguments: scope, life in milliseconds.
 * Returns: foreign keys, moment, end, server, how many replicas are online.
 */
export const recordScript = script(`${BEGIN}
local at, expires = put(ARGV[4], math.floor(now), math.floor(now) + tonumber(ARGV[5]))
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
  local at, expires = tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2])
  if expires > swept_before then
    -- What was issued after it must not come to lie before it.
    now = math.max(now, at)
    put(ARGV[index], at, expires)
  end
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

/** Argument after the common three: cursor of HSCAN, how many. Returns: server, next cursor, fields and values. */
export const pageScript = script(`
local function field(section, pattern)
  return string.match(redis.call('INFO', section), pattern) or ''
end
local name = redis.call('HGET', KEYS[3], 'name') or ''
local server = field('server', 'run_id:(%w+)') .. ':' .. field('replication', 'master_replid:(%w+)') .. ':' .. name
local reply = redis.call('HSCAN', KEYS[1], ARGV[4], 'COUNT', ARGV[5])
return { server, reply[1], reply[2] }
`)
