package recording

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/vault"
	"github.com/threerings/threerings/queue"
)

// books is Books and Archive in memory, beside a ledger.
type books struct {
	*ledger
	roots      []Root
	trees      map[string][]Leaf
	inTree     map[queue.CallID]Leaf
	unfinished map[string]int
	fail       error
}

func (b *books) open(r Recording) bool { return b.inTree[r.Call] != LeafOf(r) }

func (b *books) DaysToClose(_ context.Context, before string) (days []string, _ error) {
	for _, r := range b.rows {
		if b.open(r) && r.Day < before && !slices.Contains(days, r.Day) {
			days = append(days, r.Day)
		}
	}
	slices.Sort(days)
	return days, b.fail
}

func (b *books) Unfinished(_ context.Context, day string) (int, error) { return b.unfinished[day], nil }

func (b *books) LeavesToClose(_ context.Context, day string) (leaves []Leaf, _ error) {
	for _, r := range b.rows {
		if b.open(r) && r.Day <= day {
			leaves = append(leaves, LeafOf(r))
		}
	}
	slices.SortFunc(leaves, func(x, y Leaf) int { return strings.Compare(x.Day+string(x.Call), y.Day+string(y.Call)) })
	return leaves, nil
}

func (b *books) LastRoot(context.Context) (Root, bool, error) {
	if len(b.roots) == 0 {
		return Root{}, false, nil
	}
	return b.roots[len(b.roots)-1], true, nil
}

func (b *books) SaveRoot(_ context.Context, root Root, leaves []Leaf) error {
	if b.fail != nil {
		return b.fail
	}
	b.roots, b.trees[root.Day] = append(b.roots, root), leaves
	for _, l := range leaves {
		b.inTree[l.Call] = l
	}
	return nil
}

func (b *books) Roots(context.Context) ([]Root, error) { return b.roots, nil }

func (b *books) Leaves(_ context.Context, day string) (all []Filed, _ error) {
	for _, l := range b.trees[day] {
		f := Filed{Leaf: l, Superseded: b.inTree[l.Call] != l}
		f.Row, f.HasRow = b.rows[l.Call]
		all = append(all, f)
	}
	return all, nil
}

func (b *books) RecordingsOpen(_ context.Context, f func(Recording) error) error {
	for _, r := range b.rows {
		if _, filed := b.inTree[r.Call]; !filed {
			if err := f(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *books) RecordingPaths(_ context.Context, folder string) (map[string]bool, error) {
	all := map[string]bool{}
	for _, r := range b.rows {
		if strings.HasPrefix(r.Path, folder) {
			all[r.Path] = true
		}
	}
	return all, nil
}

// house is a bench with three recordings of the 22nd and two of the 23rd, both
// days closed, and one of the 24th.
func house(t *testing.T) (*bench, *books) {
	b := newBench(t)
	k := &books{ledger: b.index, trees: map[string][]Leaf{}, inTree: map[queue.CallID]Leaf{}, unfinished: map[string]int{}}
	b.Books = k
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	b.Now = func() time.Time { return now }
	for i, day := range []string{"2026-11-22", "2026-11-22", "2026-11-22", "2026-11-23", "2026-11-23", "2026-11-24"} {
		c := answered(queue.CallID(fmt.Sprintf("a1-1.%d", i)), 0, 2*time.Second)
		c.Day = day
		b.write(c.ID, tones(2*time.Second, 440, 700+float64(i)))
		b.Now = nil
		b.mustKeep(c)
		b.Now = func() time.Time { return now }
	}
	if err := b.closeDays(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(k.roots) != 2 || k.roots[0].Leaves != 3 || k.roots[1].Leaves != 2 || k.roots[1].Previous != k.roots[0].Hash {
		t.Fatalf("closed %+v", k.roots)
	}
	return b, k
}

func (b *bench) audited(a Archive, day string) (found []string) {
	b.t.Helper()
	_, err := b.Audit(b.t.Context(), a, day, func(f Finding) { found = append(found, fmt.Sprintf("%s %s", f.Fault, orNone(f.Call, f.Day))) })
	if err != nil {
		b.t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

func orNone(id queue.CallID, day string) string {
	if id == "" {
		return day
	}
	return string(id)
}

// TestAudit: what is changed, removed, added or forged is named, and nothing else.
func TestAudit(t *testing.T) {
	object := func(b *bench, n int) string {
		return filepath.Join(b.Store, b.index.rows[queue.CallID(fmt.Sprintf("a1-1.%d", n))].Path)
	}
	change := func(b *bench, n int, f func(*Recording)) {
		id := queue.CallID(fmt.Sprintf("a1-1.%d", n))
		r := b.index.rows[id]
		f(&r)
		b.index.rows[id] = r
	}
	for name, c := range map[string]struct {
		do   func(b *bench, k *books) error
		want string
	}{
		"nothing":                          {func(*bench, *books) error { return nil }, ""},
		"object changed":                   {func(b *bench, _ *books) error { return flip(object(b, 1), 1000) }, "changed a1-1.1"},
		"object cut":                       {func(b *bench, _ *books) error { return os.Truncate(object(b, 4), 1000) }, "cut a1-1.4"},
		"object removed":                   {func(b *bench, _ *books) error { return os.Remove(object(b, 0)) }, "missing a1-1.0"},
		"of today, which is not filed yet": {func(b *bench, _ *books) error { return flip(object(b, 5), 1000) }, "changed a1-1.5"},
		"two exchanged": {func(b *bench, _ *books) error {
			x, y := object(b, 0), object(b, 1)
			return errors.Join(os.Rename(x, x+"~"), os.Rename(y, x), os.Rename(x+"~", y))
		}, "changed a1-1.0, changed a1-1.1"},
		"object added": {func(b *bench, _ *books) error {
			return os.WriteFile(filepath.Join(b.Store, "2026/11/22/a1-9.9.ogg.sealed"), []byte("x"), 0o600)
		}, "extra a1-9.9"},
		"row removed, object too": {func(b *bench, _ *books) error {
			err := os.Remove(object(b, 2))
			delete(b.index.rows, "a1-1.2")
			return err
		}, "missing a1-1.2"},
		"row and object replaced": {func(b *bench, _ *books) error {
			change(b, 1, func(r *Recording) { *r = b.index.rows["a1-1.0"]; r.Call = "a1-1.1" })
			return os.Remove(filepath.Join(b.Store, "2026/11/22/a1-1.1.wav.sealed"))
		}, "changed a1-1.1, changed a1-1.1"},
		"row's length changed": {func(b *bench, _ *books) error {
			change(b, 3, func(r *Recording) { r.Length += time.Second })
			return nil
		}, "changed a1-1.3"},
		"row's state changed": {func(b *bench, _ *books) error {
			change(b, 3, func(r *Recording) { r.State = Incomplete })
			return nil
		}, "changed a1-1.3"},
		"leaf changed with its row": {func(b *bench, k *books) error {
			change(b, 3, func(r *Recording) { r.Talk += time.Second })
			k.trees["2026-11-23"][0].TalkMS += 1000
			k.inTree["a1-1.3"] = k.trees["2026-11-23"][0]
			return nil
		}, "tree 2026-11-23"},
		"leaf, row and root changed": {func(b *bench, k *books) error {
			k.trees["2026-11-22"][0].TalkMS += 1000
			k.inTree["a1-1.0"] = k.trees["2026-11-22"][0]
			change(b, 0, func(r *Recording) { r.Talk += time.Second })
			k.roots[0] = NewRoot("2026-11-22", k.trees["2026-11-22"], "", k.roots[0].ClosedAt)
			return nil
		}, "chain 2026-11-23, file 2026-11-22"},
		"root changed without its hash": {func(_ *bench, k *books) error { k.roots[1].Leaves++; return nil }, "chain 2026-11-23, tree 2026-11-23"},
		"a day removed": {func(b *bench, k *books) error {
			k.roots = k.roots[1:]
			return nil
		}, "chain 2026-11-23"},
		"the root beside them removed": {func(b *bench, _ *books) error { return os.Remove(filepath.Join(b.Store, RootFile("2026-11-22"))) }, "file 2026-11-22"},
		"the root beside them changed": {func(b *bench, _ *books) error { return flip(filepath.Join(b.Store, RootFile("2026-11-22")), 60) }, "file 2026-11-22"},
		"erased": {func(b *bench, _ *books) error {
			err := os.Remove(object(b, 1))
			change(b, 1, func(r *Recording) { r.Erased.At, r.Path, r.Sealed.Key = time.Now(), "", vault.Wrapped{} })
			return err
		}, ""},
		"erased by half": {func(b *bench, _ *books) error {
			change(b, 1, func(r *Recording) { r.Erased.At, r.Path = time.Now(), "" })
			return nil
		}, "erased a1-1.1, extra a1-1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			b, k := house(t)
			if err := c.do(b, k); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(b.audited(k, ""), ", "); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func flip(file string, at int) error {
	data, err := os.ReadFile(file)
	if err == nil {
		data[at] ^= 1
		err = os.WriteFile(file, data, 0o600)
	}
	return err
}

// TestLateOnesAreFiledLater: a day waits for its calls, but not for ever; what
// comes late, or is changed by ourselves, is in the next day's tree and says so.
func TestLateOnesAreFiledLater(t *testing.T) {
	b, k := house(t)
	k.unfinished["2026-11-24"] = 1
	now := time.Date(2026, 11, 25, 0, 30, 0, 0, time.UTC)
	b.Now = func() time.Time { return now }
	days := func(want int) {
		t.Helper()
		if err := b.closeDays(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(k.roots) != want {
			t.Fatalf("%d days closed at %s, want %d", len(k.roots), now, want)
		}
	}
	days(2) // not over for an hour
	now = now.Add(time.Hour)
	days(2) // a call is missing
	late := b.index.rows["a1-1.1"]
	late.Call = "a1-1.late"
	b.index.rows[late.Call] = late // of the 22nd
	changed := b.index.rows["a1-1.3"]
	changed.Sealed.SHA256 = "sealed again"
	b.index.rows[changed.Call] = changed
	now = now.Add(24 * time.Hour)
	days(3)
	var got []string
	for _, l := range k.trees["2026-11-24"] {
		got = append(got, string(l.Call)+" "+l.Day)
	}
	if want := "a1-1.late 2026-11-22, a1-1.3 2026-11-23, a1-1.5 2026-11-24"; strings.Join(got, ", ") != want {
		t.Errorf("the third tree has %v, want %s", got, want)
	}
	p, ok, err := Prove(t.Context(), k, func(l Leaf) bool { return l.Call == "a1-1.3" })
	if err != nil || !ok || p.Root.Day != "2026-11-24" || p.Verify() != nil {
		t.Errorf("proved by %+v, %v", p, err)
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var again Inclusion
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&again); err != nil || again.Verify() != nil {
		t.Errorf("as JSON it is not proved: %v", err)
	}
}

// TestClosingFails: without store or books a day stays open, and is closed later.
func TestClosingFails(t *testing.T) {
	b, k := house(t)
	now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	b.Now = func() time.Time { return now }
	k.fail = errors.New("the database is away")
	if b.tend(t.Context()); b.Trouble() == nil || len(k.roots) != 2 {
		t.Errorf("trouble %v, %d days", b.Trouble(), len(k.roots))
	}
	k.fail = nil
	if b.tend(t.Context()); b.Trouble() != nil || len(k.roots) != 3 {
		t.Errorf("trouble %v, %d days", b.Trouble(), len(k.roots))
	}
	if got := b.audited(k, "2026-11-24"); len(got) != 0 {
		t.Errorf("found %v", got)
	}
}
