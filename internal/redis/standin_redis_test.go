package redis_test

import (
	"testing"

	"github.com/threerings/threerings/internal/redis"
	"github.com/threerings/threerings/internal/redis/redistest"
)

// The model is worth what its stand-in is: it answers as Redis does.
func TestStandInAnswersAsRedis(t *testing.T) {
	client := redistest.New(t).Client()
	for seed := range uint64(20) {
		if err := redis.CompareStandIn(client, seed, 60); err != nil {
			t.Fatal(err)
		}
	}
}
