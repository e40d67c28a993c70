package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Two keys: the lease (value, ttl) and its memory, a hash {term, run, mark,
// markrun}. The memory is whole if it was written under the run id that the
// server has now; otherwise a restart or a flush lies in between, and nothing
// proves that nobody led.
const prelude = `
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '-'
local owner = redis.call('GET', KEYS[1])
local term = redis.call('HGET', KEYS[2], 'term')
local whole = redis.call('HGET', KEYS[2], 'run') == run
`

// takeScript: ARGV value, ttl in ms, until when it may take (µs of Redis's
// clock; 0 only looks), ripe mark, fresh mark. The answer begins with Redis's
// time. An attempt that Redis finds late in its buffers, since it stood still,
// takes nothing: the standby has given it up and owes the leader its patience.
var takeScript = goredis.NewScript(prelude + `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local at = string.format('%.0f', now)
if owner == ARGV[1] and term then
	redis.call('PEXPIRE', KEYS[1], ARGV[2])
	return {at, 'ours', term}
end
if owner and owner ~= ARGV[1] then return {at, 'busy', owner, tostring(redis.call('PTTL', KEYS[1]))} end
if not owner and not whole then
	local mark = redis.call('HGET', KEYS[2], 'mark')
	if not mark or redis.call('HGET', KEYS[2], 'markrun') ~= run then
		mark = ARGV[5]
		redis.call('HSET', KEYS[2], 'mark', mark, 'markrun', run)
	end
	if mark ~= ARGV[4] then return {at, 'mark', mark} end
end
if not owner and now >= tonumber(ARGV[3]) then return {at, 'free'} end
local next = math.max((tonumber(term) or 0) + 1, now)
next = string.format('%.0f', next)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('HSET', KEYS[2], 'term', next, 'run', run)
redis.call('HDEL', KEYS[2], 'mark', 'markrun')
return {at, 'ours', next}
`)

// extendScript: ARGV value, ttl in ms, term. A key that is gone is set again if
// nobody has led since: the term number is still ours, or has been forgotten.
var extendScript = goredis.NewScript(prelude + `
if owner and owner ~= ARGV[1] then return {'taken', owner} end
local told = 'ours'
if not owner then
	local mine = tonumber(ARGV[3])
	local last = tonumber(term) or 0
	if last > mine or (whole and last ~= mine) then return {'taken', ''} end
	redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
	told = 'again'
else
	redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
if not whole or not term then
	redis.call('HSET', KEYS[2], 'term', ARGV[3], 'run', run)
	redis.call('HDEL', KEYS[2], 'mark', 'markrun')
end
return {told}
`)

// releaseScript: ARGV value, channel of the hint.
var releaseScript = goredis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], '')
return 1
`)

// attempted is the answer to takeScript.
type attempted struct {
	kind   string        // ours, busy, mark, free
	token  uint64        // ours
	holder string        // busy: the value
	left   time.Duration // busy: until it expires
	mark   string        // mark
}

func (l *Lease) attempt(ctx context.Context, value string, p *patience, now time.Time) (attempted, error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout())
	defer cancel()
	got, err := takeScript.Run(ctx, l.client, l.keys(), value, l.opts.TTL.Milliseconds(), p.deadline(now, l.timeout()), p.ripe(now), random()).StringSlice()
	if err != nil {
		return attempted{}, fmt.Errorf("take the lease of pool %s: %w", l.pool, err)
	}
	micros, err := strconv.ParseInt(got[0], 10, 64)
	if err != nil {
		return attempted{}, fmt.Errorf("read the lease of pool %s: %w", l.pool, err)
	}
	p.told(micros, time.Now())
	got = got[1:]
	a := attempted{kind: got[0]}
	switch a.kind {
	case "ours":
		a.token, err = strconv.ParseUint(got[1], 10, 64)
	case "busy":
		var ms int64
		ms, err = strconv.ParseInt(got[2], 10, 64)
		a.holder, a.left = got[1], time.Duration(ms)*time.Millisecond
	case "mark":
		a.mark = got[1]
	}
	if err != nil {
		return attempted{}, fmt.Errorf("read the lease of pool %s: %w", l.pool, err)
	}
	return a, nil
}

// extended is the answer to extendScript, with the time before the attempt.
type extended struct {
	sent   time.Time
	answer answer
	again  bool
	holder string
	err    error
}

func (l *Lease) extend(value string, token uint64) extended {
	// Not the caller's context: the term is also extended while lead winds up.
	ctx, cancel := context.WithTimeout(context.Background(), l.timeout())
	defer cancel()
	e := extended{sent: time.Now()}
	got, err := extendScript.Run(ctx, l.client, l.keys(), value, l.opts.TTL.Milliseconds(), strconv.FormatUint(token, 10)).StringSlice()
	switch {
	case err != nil && barred(err):
		e.answer, e.err = refuse, err
	case err != nil:
		e.answer, e.err = away, err
	case got[0] == "taken":
		e.answer, e.holder = taken, got[1]
	default:
		e.answer, e.again = ours, got[0] == "again"
	}
	return e
}

func (l *Lease) release(value string) {
	ctx, cancel := context.WithTimeout(context.Background(), l.timeout())
	defer cancel()
	n, err := releaseScript.Run(ctx, l.client, l.keys()[:1], value, l.hint()).Int()
	if err != nil {
		l.opts.Log.Warn("lease not released, it will expire", "pool", l.pool, "err", err)
	} else if n == 1 {
		l.count.released.Add(1)
	}
}

func (l *Lease) hints(ctx context.Context, wake func()) {
	listen(ctx, l.client, l.hint(), wake, func(string) { wake() })
}
