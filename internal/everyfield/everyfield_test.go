package everyfield

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

type inner struct {
	On   bool
	Part float64
}

type value struct {
	Name  string
	List  []inner
	Map   map[string]int
	Week  [2]time.Duration
	Other *inner
}

func TestEveryField(t *testing.T) {
	var v, plain value
	Fill(&v)
	Fill(&plain)
	var paths []string
	Change(&v, func(path string) {
		paths = append(paths, path)
		if reflect.DeepEqual(v, plain) {
			t.Errorf("%s is not changed", path)
		}
	})
	want := []string{"value.Name", "value.List[0].On", "value.List[0].Part", "value.Map[]", "value.Week[0]", "value.Week[1]", "value.Other.On", "value.Other.Part"}
	if !slices.Equal(paths, want) || !reflect.DeepEqual(v, plain) {
		t.Errorf("got %q, and at the end %+v", paths, v)
	}
}
