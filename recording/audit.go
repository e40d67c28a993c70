package recording

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/threerings/threerings/internal/store"
	"github.com/threerings/threerings/queue"
)

// Fault is a kind of thing that an audit finds.
type Fault string

// Faults.
const (
	FaultMissing Fault = "missing" // an object is not in the store, or a row not in the index
	FaultChanged Fault = "changed" // an object is not what was stored, or a row not what was filed
	FaultCut     Fault = "cut"     // an object is shorter or longer than it was
	FaultExtra   Fault = "extra"   // an object belongs to no row
	FaultErased  Fault = "erased"  // something is left of what was erased
	FaultTree    Fault = "tree"    // leaves do not make the day's root
	FaultChain   Fault = "chain"   // a root is not chained to the one before
	FaultFile    Fault = "file"    // the root beside the recordings is another, or none
)

// Finding is something that is not as it was filed.
type Finding struct {
	Fault Fault        `json:"fault"`
	Day   string       `json:"day,omitempty"` // of the tree
	Call  queue.CallID `json:"call,omitempty"`
	Name  string       `json:"name,omitempty"` // in the store
	What  string       `json:"what"`
}

// Filed is a leaf with the row that it speaks of.
type Filed struct {
	Leaf
	Superseded bool // a later tree says something newer of this recording
	Row        Recording
	HasRow     bool
}

// Archive is what an audit compares with the store.
type Archive interface {
	// Roots returns all roots, by day.
	Roots(ctx context.Context) ([]Root, error)
	// Leaves returns a day's tree, in its order.
	Leaves(ctx context.Context, day string) ([]Filed, error)
	// RecordingsOpen calls f for each row that is in no tree as it is now.
	RecordingsOpen(ctx context.Context, f func(Recording) error) error
	// RecordingPaths returns the names that rows have in the store, below a
	// folder (empty: all).
	RecordingPaths(ctx context.Context, folder string) (map[string]bool, error)
}

// Audited counts what was looked at.
type Audited struct {
	Days, Leaves, Objects, Open int
	Bytes                       int64
}

// auditing is an audit under way.
type auditing struct {
	*Keeper
	found func(Finding)
	sum   Audited
}

// Audit compares trees, rows and objects, of one day's tree or (day empty) of
// all, and hands over what is not as it was filed, one by one. The error means
// that it could not look.
func (k *Keeper) Audit(ctx context.Context, a Archive, day string, found func(Finding)) (Audited, error) {
	k.init()
	run := &auditing{Keeper: k, found: found}
	roots, err := a.Roots(ctx)
	if err != nil {
		return run.sum, fmt.Errorf("read the roots: %w", err)
	}
	previous, seen := "", day == ""
	for _, root := range roots {
		if day == "" || root.Day == day {
			seen = true
			if err := run.day(ctx, a, root); err != nil {
				return run.sum, err
			}
		}
		if root.Previous != previous {
			found(Finding{Fault: FaultChain, Day: root.Day, What: "it is not chained to the day before: a day between them was removed, added or changed"})
		}
		previous = root.Hash
	}
	if !seen {
		return run.sum, fmt.Errorf("the day %s is not closed: nothing is filed of it yet", day)
	}
	if day == "" {
		if err := a.RecordingsOpen(ctx, func(r Recording) error { run.sum.Open++; return run.object(ctx, r, "") }); err != nil {
			return run.sum, fmt.Errorf("read recordings in no tree yet: %w", err)
		}
	}
	return run.sum, run.extra(ctx, a, day)
}

func (a *auditing) day(ctx context.Context, from Archive, root Root) error {
	a.sum.Days++
	if root.hash() != root.Hash {
		a.found(Finding{Fault: FaultChain, Day: root.Day, What: "its record is not what its hash says: it was changed"})
	}
	switch filed, err := a.rootFiled(ctx, root.Day); {
	case errors.Is(err, fs.ErrNotExist):
		a.found(Finding{Fault: FaultFile, Day: root.Day, Name: RootFile(root.Day), What: "the root is not beside the recordings"})
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil || filed.Hash != root.Hash || filed.hash() != root.Hash:
		a.found(Finding{Fault: FaultFile, Day: root.Day, Name: RootFile(root.Day), What: fmt.Sprintf("the root beside the recordings is not the one of the database: one of them was changed (%s, %s)", filed.Hash, root.Hash)})
	}
	all, err := from.Leaves(ctx, root.Day)
	if err != nil {
		return fmt.Errorf("read the tree of %s: %w", root.Day, err)
	}
	leaves := make([]Leaf, len(all))
	for i, f := range all {
		leaves[i] = f.Leaf
	}
	if len(leaves) != root.Leaves || hexSum(treeOf(leaves).root()) != root.Root {
		a.found(Finding{Fault: FaultTree, Day: root.Day, What: fmt.Sprintf("its %d leaves of %d do not make its root: leaves were changed, added or removed", len(leaves), root.Leaves)})
	}
	for _, f := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		a.sum.Leaves++
		if f.Superseded {
			continue
		}
		if err := a.filed(ctx, root.Day, f); err != nil {
			return err
		}
	}
	return nil
}

func (a *auditing) filed(ctx context.Context, day string, f Filed) error {
	if !f.HasRow {
		a.found(Finding{Fault: FaultMissing, Day: day, Call: f.Call, What: "its row is not in the database any more"})
		return nil
	}
	if now := LeafOf(f.Row); now != f.Leaf {
		a.found(Finding{Fault: FaultChanged, Day: day, Call: f.Call, What: "its row is not what was filed: " + differences(f.Leaf, now)})
	}
	r := f.Row // against what was filed, whatever the row says by now
	r.SHA256, r.Sealed.SHA256 = f.SHA256, f.Object
	return a.object(ctx, r, day)
}

func differences(was, is Leaf) string {
	var all []string
	note := func(what string, a, b any) {
		if a != b {
			all = append(all, fmt.Sprintf("%s %v became %v", what, a, b))
		}
	}
	note("day", was.Day, is.Day)
	note("sha256", was.SHA256, is.SHA256)
	note("object_sha256", was.Object, is.Object)
	note("length_ms", was.LengthMS, is.LengthMS)
	note("talk_ms", was.TalkMS, is.TalkMS)
	note("state", was.State, is.State)
	return strings.Join(all, ", ")
}

// object compares an object with its row.
func (a *auditing) object(ctx context.Context, r Recording, day string) error {
	finding := Finding{Day: day, Call: r.Call, Name: r.Path}
	tell := func(fault Fault, format string, args ...any) {
		finding.Fault, finding.What = fault, fmt.Sprintf(format, args...)
		a.found(finding)
	}
	switch {
	case !r.Erased.At.IsZero():
		if r.Sealed.Key.Key != "" {
			tell(FaultErased, "it is on record as erased, and its key is there")
		}
		return nil
	case r.Path == "":
		if r.State != Missing {
			tell(FaultMissing, "its row names no object")
		}
		return nil
	}
	o, err := a.Store.Open(ctx, r.Path)
	if errors.Is(err, fs.ErrNotExist) {
		tell(FaultMissing, "the object is not in the store")
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s in %s: %w", r.Path, a.Store, err)
	}
	defer o.Close()
	a.sum.Objects++
	a.sum.Bytes += o.Info().Size
	if size := o.Info().Size; size != r.objectBytes() {
		tell(FaultCut, "the object has %d bytes, it had %d", size, r.objectBytes())
		return nil
	}
	sum := sha256.New()
	if _, err := io.CopyBuffer(sum, struct{ io.Reader }{o}, make([]byte, 256<<10)); err != nil {
		return fmt.Errorf("read %s in %s: %w", r.Path, a.Store, err)
	}
	if want := LeafOf(r).Object; hexOf(sum) != want {
		tell(FaultChanged, "the object is not what was stored (SHA-256 %s, it was %s)", hexOf(sum), want)
	}
	return nil
}

// extra finds objects that belong to no row.
func (a *auditing) extra(ctx context.Context, from Archive, day string) error {
	folder := strings.ReplaceAll(day, "-", "/")
	if folder != "" {
		folder += "/"
	}
	paths, err := from.RecordingPaths(ctx, folder)
	if err != nil {
		return fmt.Errorf("read the names of recordings: %w", err)
	}
	err = a.Store.List(ctx, folder, func(o store.Info) error {
		top, _, _ := strings.Cut(o.Name, "/")
		if !paths[o.Name] && top != RootsFolder && top != Unclaimed && top != "lost+found" {
			id := queue.CallID(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(path.Base(o.Name), SealedSuffix), wavSuffix), ".ogg"))
			a.found(Finding{Fault: FaultExtra, Day: day, Call: id, Name: o.Name, What: "the object belongs to no row: the row was removed, or somebody put it there"})
		}
		return ctx.Err()
	})
	if err != nil {
		return fmt.Errorf("list %s: %w", a.Store, err)
	}
	return nil
}

// Prove is the inclusion of a call's recording in the newest tree that has it;
// false when none has.
func Prove(ctx context.Context, a Archive, is func(Leaf) bool) (Inclusion, bool, error) {
	roots, err := a.Roots(ctx)
	if err != nil {
		return Inclusion{}, false, fmt.Errorf("read the roots: %w", err)
	}
	for i := len(roots) - 1; i >= 0; i-- {
		all, err := a.Leaves(ctx, roots[i].Day)
		if err != nil {
			return Inclusion{}, false, fmt.Errorf("read the tree of %s: %w", roots[i].Day, err)
		}
		leaves, at := make([]Leaf, len(all)), -1
		for j, f := range all {
			leaves[j] = f.Leaf
			if is(f.Leaf) {
				at = j
			}
		}
		if at >= 0 {
			return Include(roots[i], leaves, at), true, nil
		}
	}
	return Inclusion{}, false, nil
}
