package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"time"

	"github.com/threerings/threerings/queue"
)

// Leaf is what a day's tree says of a recording. That it was erased is not in
// it, so that erasing changes no tree.
type Leaf struct {
	Call     queue.CallID `json:"call"`
	Day      string       `json:"day"`           // the house's day of the call, which may be before the tree's: it came late
	SHA256   string       `json:"sha256"`        // of the file as it is played
	Object   string       `json:"object_sha256"` // of the object in the store
	LengthMS int64        `json:"length_ms"`
	TalkMS   int64        `json:"talk_ms"`
	State    State        `json:"state"`
}

// Hash is the leaf's hash, hexadecimal: SHA-256 of a zero byte and the leaf as
// JSON (RFC 6962, 2.1).
func (l Leaf) Hash() string {
	data, err := json.Marshal(l)
	if err != nil {
		panic(err) // strings and numbers
	}
	sum := leafHash(data)
	return hex.EncodeToString(sum[:])
}

// LeafOf is what a tree would say of a row.
func LeafOf(r Recording) Leaf {
	l := Leaf{Call: r.Call, Day: r.Day, SHA256: r.SHA256, Object: r.Sealed.SHA256, LengthMS: r.Length.Milliseconds(), TalkMS: r.Talk.Milliseconds(), State: r.State}
	if r.Sealed.Form == Plain {
		l.Object = r.SHA256
	}
	return l
}

// Root is the end of a day: what its tree has, chained to the day before it
// that had one.
type Root struct {
	Day      string    `json:"day"`
	Leaves   int       `json:"leaves"`
	Root     string    `json:"root"`     // of the tree
	Previous string    `json:"previous"` // Hash of the former day; empty for the first
	Hash     string    `json:"hash"`     // over all of the above
	ClosedAt time.Time `json:"closed_at"`
}

// NewRoot closes a day with leaves in their order behind the former root.
func NewRoot(day string, leaves []Leaf, previous string, at time.Time) Root {
	r := Root{Day: day, Leaves: len(leaves), Root: hexSum(treeOf(leaves).root()), Previous: previous, ClosedAt: at.UTC()}
	r.Hash = r.hash()
	return r
}

func (r Root) hash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "threerings day 1\n%s\n%d\n%s\n%s\n", r.Day, r.Leaves, r.Root, r.Previous))
	return hex.EncodeToString(sum[:])
}

// tree is the hashes of leaves; its methods are those of RFC 6962, 2.1.
type tree [][sha256.Size]byte

func treeOf(leaves []Leaf) tree {
	t := make(tree, len(leaves))
	for i, l := range leaves {
		hash, _ := hex.DecodeString(l.Hash())
		copy(t[i][:], hash)
	}
	return t
}

func leafHash(data []byte) [sha256.Size]byte {
	return sha256.Sum256(append([]byte{0}, data...))
}

func nodeHash(left, right [sha256.Size]byte) [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

func hexSum(h [sha256.Size]byte) string { return hex.EncodeToString(h[:]) }

// root is MTH.
func (t tree) root() [sha256.Size]byte {
	switch len(t) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return t[0]
	}
	k := t.split()
	return nodeHash(t[:k].root(), t[k:].root())
}

// split is the largest power of two smaller than the tree.
func (t tree) split() int { return 1 << (bits.Len(uint(len(t)-1)) - 1) }

// path is PATH(m, D): what, with leaf m, makes the root, from the leaf up.
func (t tree) path(m int) (path [][sha256.Size]byte) {
	if len(t) <= 1 {
		return nil
	}
	k := t.split()
	if m < k {
		return append(t[:k].path(m), t[k:].root())
	}
	return append(t[k:].path(m-k), t[:k].root())
}

// Inclusion proves to whoever knows the root that a leaf is in a day's tree.
type Inclusion struct {
	Leaf  Leaf     `json:"leaf"`
	Index int      `json:"index"` // from 0
	Path  []string `json:"path"`  // hashes beside the way, from the leaf to the root
	Root  Root     `json:"day"`
}

// ErrNotProved: an inclusion does not lead to its root.
var ErrNotProved = errors.New("the proof does not lead to the day's root")

// Include proves leaf m of a day.
func Include(root Root, leaves []Leaf, m int) Inclusion {
	p := Inclusion{Leaf: leaves[m], Index: m, Root: root, Path: []string{}}
	for _, h := range treeOf(leaves).path(m) {
		p.Path = append(p.Path, hexSum(h))
	}
	return p
}

// Verify follows the path (RFC 9162, 2.1.3.2), and checks the day's own hash.
func (p Inclusion) Verify() error {
	r, _ := hex.DecodeString(p.Leaf.Hash())
	at, last := p.Index, p.Root.Leaves-1
	if at < 0 || at > last {
		return ErrNotProved
	}
	now := [sha256.Size]byte(r)
	for _, text := range p.Path {
		data, err := hex.DecodeString(text)
		if err != nil || len(data) != sha256.Size || last == 0 {
			return ErrNotProved
		}
		beside := [sha256.Size]byte(data)
		if at&1 == 1 || at == last {
			now = nodeHash(beside, now)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			now = nodeHash(now, beside)
		}
		at, last = at>>1, last>>1
	}
	if last != 0 || hexSum(now) != p.Root.Root || p.Root.hash() != p.Root.Hash {
		return ErrNotProved
	}
	return nil
}
