package recording

import (
	"encoding/hex"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/threerings/threerings/queue"
)

// The tree of RFC 6962, with the leaves and roots of Certificate
// Transparency's own tests.
func TestTreeOfTheRFC(t *testing.T) {
	var all tree
	for i, c := range []struct{ leaf, root string }{
		{"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
		{"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
		{"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
		{"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
		{"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
		{"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
		{"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
		{"606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
	} {
		data, err := hex.DecodeString(c.leaf)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, leafHash(data))
		if got := hexSum(all.root()); got != c.root {
			t.Errorf("root of %d leaves: %s, want %s", i+1, got, c.root)
		}
	}
	if got := hexSum(tree{}.root()); got != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Errorf("root of no leaves: %s", got)
	}
}

// Each leaf of each size is proved, and nothing else is.
func TestInclusion(t *testing.T) {
	for n := 1; n <= 33; n++ {
		var leaves []Leaf
		for i := range n {
			leaves = append(leaves, Leaf{Call: queue.CallID(fmt.Sprintf("a1-1.%d", i)), Day: "2026-11-22", SHA256: fmt.Sprint(i), State: Kept})
		}
		root := NewRoot("2026-11-22", leaves, "before", time.Now())
		for m := range leaves {
			p := Include(root, leaves, m)
			if err := p.Verify(); err != nil {
				t.Errorf("leaf %d of %d: %v", m, n, err)
			}
			for what, wrong := range map[string]func(*Inclusion){
				"another length":   func(p *Inclusion) { p.Leaf.LengthMS++ },
				"another state":    func(p *Inclusion) { p.Leaf.State = Incomplete },
				"another day":      func(p *Inclusion) { p.Root.Day = "2026-11-23" },
				"another chain":    func(p *Inclusion) { p.Root.Previous = "" },
				"another root":     func(p *Inclusion) { p.Root.Root = p.Root.Hash },
				"a longer path":    func(p *Inclusion) { p.Path = append(p.Path, p.Root.Root) },
				"another place":    func(p *Inclusion) { p.Index += n },
				"a broken path":    func(p *Inclusion) { p.Path = append([]string{"zz"}, p.Path...) },
				"no leaves at all": func(p *Inclusion) { p.Root.Leaves = 0 },
			} {
				bad := p
				bad.Path = append([]string{}, p.Path...)
				wrong(&bad)
				if err := bad.Verify(); !errors.Is(err, ErrNotProved) {
					t.Errorf("leaf %d of %d with %s: %v", m, n, what, err)
				}
			}
		}
	}
}
