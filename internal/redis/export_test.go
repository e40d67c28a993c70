package redis

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// CompareStandIn puts the same random questions to Redis and to the model's
// stand-in for it, and tells the first answer in which they differ. Expiry is
// the lease's key gone; a flush is everything gone.
func CompareStandIn(client *goredis.Client, seed uint64, steps int) error {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(seed, 3))
	l := NewLease(client, "standin", "n", LeaseOptions{TTL: time.Minute})
	m := &memory{run: 1}
	if err := client.Do(ctx, "flushall").Err(); err != nil {
		return err
	}
	type known struct {
		token map[string]uint64
		mark  string
	}
	real, ours := known{token: map[string]uint64{}}, known{token: map[string]uint64{}}
	for step := range steps {
		value := []string{"a 1", "b 2", "c 3"}[rng.IntN(3)]
		what, theirs, mine := "", "", ""
		switch op := rng.IntN(10); {
		case op < 4:
			p := &patience{terms: l.terms()}
			before := int64(0)
			if rng.IntN(4) > 0 {
				before = time.Now().Add(time.Hour).UnixMicro()
				p.told(before, time.Now())
			}
			ripe := ""
			if rng.IntN(2) == 0 {
				p.marked(real.mark, time.Now().Add(-time.Hour))
				ripe = ours.mark
			}
			a, err := l.attempt(ctx, value, p, time.Now())
			if err != nil {
				return err
			}
			b, _ := m.take(value, time.Minute, before, ripe, random())
			what = fmt.Sprintf("take %s, may %v, ripe %v", value, before != 0, ripe != "")
			theirs = fmt.Sprint(a.kind, " ", a.holder, " the same mark ", a.mark == real.mark)
			mine = fmt.Sprint(b.kind, " ", b.holder, " the same mark ", b.mark == ours.mark)
			if a.kind == "mark" {
				real.mark, ours.mark = a.mark, b.mark
			}
			if a.kind == "ours" {
				theirs += fmt.Sprint(" grown ", a.token > real.token[value])
				mine += fmt.Sprint(" grown ", b.token > ours.token[value])
				real.token[value], ours.token[value] = a.token, b.token
			}
		case op < 7:
			if real.token[value] == 0 {
				continue // only who has had a term extends it
			}
			a := l.extend(value, real.token[value])
			b := m.prolong(value, time.Minute, ours.token[value])
			if a.err != nil {
				return a.err
			}
			what = "extend " + value
			theirs, mine = fmt.Sprint(a.answer, a.again, a.holder), fmt.Sprint(b.answer, b.again, b.holder)
		case op < 8:
			before := l.Stats().Released
			l.release(value)
			what = "release " + value
			theirs, mine = fmt.Sprint(l.Stats().Released > before), fmt.Sprint(m.free(value))
		case op < 9:
			client.Del(ctx, l.keys()[0])
			m.owner = ""
		default:
			client.FlushAll(ctx)
			m.flush()
		}
		if theirs != mine {
			return fmt.Errorf("seed %d, step %d, %s: Redis says %q, the stand-in %q", seed, step, what, theirs, mine)
		}
	}
	return nil
}
