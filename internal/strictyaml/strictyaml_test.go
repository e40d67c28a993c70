package strictyaml

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// read asks for one field of each type, as a package that reads a file does.
func read(text string) *Node { return fields(Read("f.yaml", []byte(text))) }

func fields(root *Node) *Node {
	f := root.Fields()
	f.Get("text").Text("")
	f.Get("secret").Secret("")
	f.Get("int").Int(1, 1, 20)
	f.Get("bool").Bool(false)
	f.Get("time").Duration(time.Second, 0)
	f.Get("money").Money(0)
	f.Get("share").Share(0)
	f.Get("word").OneOf("", "one", "two")
	g := f.Get("group").Fields()
	g.Need("must", "give it")
	g.Close()
	for _, item := range f.Get("list").Items() {
		item.Text("")
	}
	f.Close()
	return root
}

func TestMessages(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"text: 0755", ""},
		{"text: 1.10", ""},
		{"\ufefftext: x\r\nint: 3\r\n", ""},
		{"time: 0", ""},
		{"time: 1h", ""},
		{"money: \"15\"", ""},
		{"share: 95%", ""},
		{"", "f.yaml: is empty"},
		{"# only words\n", "f.yaml: is empty"},
		{"word", `f.yaml:1: must be a group of keys, not "word"`},
		{"text: x\ntext: y", "f.yaml:2: text: is given twice; the first is in line 1"},
		{"txet: x", "f.yaml:1: txet: unknown key; did you mean text?"},
		{"elephant: x", "f.yaml:1: elephant: unknown key; known are text, secret, int, bool, time, money, share, word, group, list"},
		{"text:", "f.yaml:1: text: has no value: give one, or leave the key out"},
		{"text: true", "f.yaml:1: text: must be text, not true; put it in quotes"},
		{"text: [a]", "f.yaml:1: text: must be text, not a list; put it in quotes"},
		{`text: "a\nb"`, "f.yaml:1: text: must be one line of text without control characters"},
		{"secret: [hunter2]", "f.yaml:1: secret: must be text; put it in quotes"},
		{"int: 40", "f.yaml:1: int: must be 1 to 20, not 40"},
		{"int: three", `f.yaml:1: int: must be 1 to 20, not "three"`},
		{"int: 1.5", "f.yaml:1: int: must be 1 to 20, not 1.5"},
		{"int: 99999999999999999999", "f.yaml:1: int: must be 1 to 20, not \"99999999999999999999\""},
		{"bool: no", `f.yaml:1: bool: must be true or false, not "no"`},
		{"time: 15", "f.yaml:1: time: must be a time such as 15s or 2m, not 15"},
		{"time: -3s", "f.yaml:1: time: must be 0 or more, not -3s"},
		{"time: 25h", "f.yaml:1: time: must be between 0s and 24h, not 25h"},
		{"time: 3ns", "f.yaml:1: time: must be whole milliseconds, not 3ns"},
		{"money: 1.005", "f.yaml:1: money: must be an amount in yuan such as 15 or 15.50, not 1.005"},
		{"money: -1", "f.yaml:1: money: must be an amount in yuan such as 15 or 15.50, not -1"},
		{"share: 1.2", "f.yaml:1: share: must be a share such as 0.95 or 95%, not 1.2"},
		{"share: NaN", `f.yaml:1: share: must be a share such as 0.95 or 95%, not "NaN"`},
		{"word: three", `f.yaml:1: word: must be one or two, not "three"`},
		{"group: {}", "f.yaml:1: group.must: is missing: give it"},
		{"group: 3", "f.yaml:1: group: must be a group of keys, not 3"},
		{"list: a", `f.yaml:1: list: must be a list such as [a, b], not "a"`},
		{"list:\n - a\n - {b: c}", "f.yaml:3: list[1]: must be text, not a group of keys; put it in quotes"},
		{"int: 0\nbool: 3\nzebra: 1", "f.yaml:1: int: must be 1 to 20, not 0\nf.yaml:2: bool: must be true or false, not 3\nf.yaml:3: zebra: unknown key; known are text, secret, int, bool, time, money, share, word, group, list"},
		{"text: [a", "f.yaml:1: is not valid YAML: sequence end token ']' not found"},
		{"text: a\n\tint: 3", "f.yaml:2: is not valid YAML: found character '\t' that cannot start any token"},
		{"text: a\n---\ntext: b", "f.yaml:3: a second document begins here; give one"},
		{"text: \xff", "f.yaml: is not UTF-8 text: save it as UTF-8"},
		{"text: \x00", "f.yaml: is not text: it holds a zero byte"},
		{"text: &a x\nsecret: *a", "f.yaml:1: anchors and aliases (& * <<) are not read here: write the value out, in quotes if it contains such a sign"},
		{"text: !!binary x", "f.yaml:1: tags, directives and complex keys (! % ?) are not read here: put the value in quotes if it contains such a sign"},
	} {
		got := ""
		if err := read(c.text).Err(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestValues(t *testing.T) {
	f := Read("f", []byte("a: 007\nb: 15.5\nc: 95%\nd: 0.9\ne: 2m\nf: \"15\"\ng: 0")).Fields()
	got := fmt.Sprint(f.Get("a").Int(0, 0, 9), f.Get("b").Money(0), f.Get("c").Share(0), f.Get("d").Share(0),
		f.Get("e").Duration(0, 0), f.Get("f").Money(0), f.Get("g").Duration(1, 0), f.Get("none").Int(7, 0, 9))
	if want := "7 1550 0.95 0.9 2m0s 1500 0s 7"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Hostile files are refused in a time that does not matter to the calls that
// the process carries meanwhile.
func TestHostile(t *testing.T) {
	mega := func(unit string) string { return strings.Repeat(unit, MaxBytes/len(unit)) }
	var keys, deep strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&keys, "k%d:\n", i)
	}
	for i := range 1000 {
		fmt.Fprintf(&deep, "%sa:\n", strings.Repeat(" ", i))
	}
	for name, text := range map[string]string{
		"large": mega("# x\n") + "more", "lists": mega("["), "groups": mega("{a: "), "dashes": mega("- "),
		"keys": keys.String(), "deep": deep.String(), "wide": "text:" + mega(" ")[:MaxBytes-20] + "b: c: d",
		"quotes": mega(`"`), "colons": mega("a: "), "bombs": "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]",
		"escapes": `text: "` + mega(`\x`)[:1<<19], "closing": mega("]"), "questions": mega("? "),
	} {
		begin := time.Now()
		if read(text).Err() == nil {
			t.Errorf("%s: accepted", name)
		}
		t.Logf("%s: %s", name, time.Since(begin))
		if took := time.Since(begin); took > 20*time.Second { // the race detector on a loaded machine is slow
			t.Errorf("%s: took %s", name, took)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("text: a\nlist: [b, {c: d}]\n")
	f.Add("- a\n- b: c\n")
	f.Add("text: |\n  a\n  b\n")
	f.Fuzz(func(t *testing.T, text string) {
		if err := read(text).Err(); err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !strings.HasPrefix(line, "f.yaml:") {
					t.Errorf("%q: a problem of more than one line: %q", text, err)
				}
			}
		}
	})
}
