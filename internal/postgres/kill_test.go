package postgres

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/postgres/postgrestest"
)

// childEnv makes this test binary a program that writes a day's records until
// it is killed: "URL|spool folder|seed|away".
const childEnv = "THREERINGS_POSTGRES_CHILD"

func TestMain(m *testing.M) {
	if order := os.Getenv(childEnv); order != "" {
		if err := beChild(strings.Split(order, "|")); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// beChild prints the number of the last record that is in the spool or in
// Postgres, again and again.
func beChild(order []string) error {
	ctx := context.Background()
	db, err := Open(ctx, order[0])
	if err != nil {
		return err
	}
	epoch, err := db.TakeEpoch(ctx, "main", "child")
	if err != nil {
		return err
	}
	j, acd, err := db.OpenJournal(ctx, JournalConfig{Pool: "main", Epoch: epoch, Spool: order[1], CheckpointEvery: 500})
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(order[2], 10, 64)
	if err != nil {
		return err
	}
	if order[3] == "away" {
		db.Close() // the server cannot be reached from here on
	}
	d := newDay(seed)
	d.acd = acd
	d.now = dayStart.Add(time.Duration(seed) * 3 * time.Hour)
	for {
		j.Append(d.more(20))
		s := j.Stats()
		fmt.Println("safe", max(s.Spooled, s.Committed))
		time.Sleep(2 * time.Millisecond) // a pace that leaves something to be done when we are killed
	}
}

// TestKilledInTheMiddle kills the program again and again, with Postgres there
// and away: whatever was safe stays, numbers have no holes, none is doubled,
// and the state that is loaded is the fold of the log.
func TestKilledInTheMiddle(t *testing.T) {
	url, spool := postgrestest.New(t), t.TempDir()
	for round, mode := range []string{"there", "away", "there", "away", "away", "there"} {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%d|%s", childEnv, url, spool, round+1, mode))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		var safe uint64
		lines := bufio.NewScanner(out)
		for n := 0; n < 40+10*round && lines.Scan(); {
			word, number, _ := strings.Cut(lines.Text(), " ")
			if word == "error" {
				t.Fatal(number)
			}
			if word != "safe" {
				continue
			}
			n++
			if safe, err = strconv.ParseUint(number, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // killed, as we wanted
		if safe < 100 {
			t.Fatalf("round %d: only %d records were safe: the round shows nothing", round, safe)
		}
		db := openURL(t, url)
		j, acd := openJournal(t, db, spool)
		if acd.Seq() < safe {
			t.Errorf("round %d (%s): record %d was safe, the log ends at %d", round, mode, safe, acd.Seq())
		}
		sameState(t, db, acd)
		if err := acd.Check(); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		closeJournal(t, j)
		want := dump(t, db)
		if err := db.Rebuild(limited(t), "main"); err != nil {
			t.Fatal(err)
		}
		if got := dump(t, db); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("round %d (%s): the rows are not the fold of the log", round, mode)
		}
		db.Close()
	}
}
