package doctor

import (
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
)

// What is asked of Postgres is understood by a real one.
func TestRealPostgres(t *testing.T) {
	f, err := askPostgres(t.Context(), postgrestest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	if f.version < oldestPostgres*10000 || f.readOnly || !f.creates || f.ahead.Abs() > time.Second {
		t.Errorf("got %+v", f)
	}
}
