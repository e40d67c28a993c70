package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var taken = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func head() Head {
	return Head{Program: "v1", Schema: 11, Centre: "三声", Taken: taken, Pools: map[string]uint64{"main": 42},
		Tables: []Table{{"events", []string{"pool", "seq"}}, {"users", []string{"name"}}, {"cases", []string{"id"}}}}
}

func sum(data string) string {
	s := sha256.Sum256([]byte(data))
	return hex.EncodeToString(s[:])
}

// events is longer than a piece, and no piece ends with a row.
var events = strings.Repeat("main\t1\t三声 said \\n nothing\n", 80_000)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func add(t testing.TB, w *Writer, path, content, want string) *Problem {
	t.Helper()
	p, err := w.Recording(path, int64(len(content)), taken, want, strings.NewReader(content))
	must(t, err)
	return p
}

// written is a backup with something of everything.
func written(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, head())
	must(t, err)
	for name, rows := range map[string]string{"events": events} {
		table := w.Table(name)
		_, err = io.WriteString(table, rows)
		must(t, err)
		must(t, table.Close())
	}
	must(t, w.Table("users").Close())
	cases := w.Table("cases")
	_, err = io.WriteString(cases, "1\n2\n")
	must(t, err)
	must(t, cases.Close())
	must(t, w.Sound("welcome.ulaw", []byte("sound")))
	if p := add(t, w, "2026/11/22/a.wav", "audio of a", sum("audio of a")); p != nil {
		t.Errorf("a good recording: %+v", p)
	}
	if p := add(t, w, "2026/11/22/b.wav", "audio of b", sum("other audio")); p == nil || !strings.Contains(p.What, "SHA-256") {
		t.Errorf("a recording that was changed: %+v", p)
	}
	must(t, w.Problem(Problem{"2026/11/22/c.wav", "it is gone"}))
	if p, err := w.Recording("2026/11/23/d.wav", 100, taken, sum("x"), iotest.ErrReader(errors.New("bad sector"))); err != nil || p == nil || !strings.Contains(p.What, "bad sector") {
		t.Errorf("a recording that cannot be read: %+v, %v", p, err)
	}
	if p, err := w.Recording("2026/11/23/e.wav", 100, taken, "", strings.NewReader("short")); err != nil || p == nil || !strings.Contains(p.What, "shorter") {
		t.Errorf("a recording that is cut while it is read: %+v, %v", p, err)
	}
	_, err = w.Close()
	must(t, err)
	return out.Bytes()
}

// read reads all of a backup, or tells why it cannot.
func read(r io.Reader) (content map[string]string, b *Reader, err error) {
	if b, err = NewReader(r); err != nil {
		return nil, nil, err
	}
	content = map[string]string{}
	for {
		item, err := b.Next()
		if errors.Is(err, io.EOF) {
			return content, b, nil
		}
		if err != nil {
			return nil, b, err
		}
		data, err := io.ReadAll(item)
		if err != nil {
			return nil, b, err
		}
		content[string(item.Kind)+" "+item.Name] = string(data) + item.Problem.What
	}
}

func TestReadsWhatWasWritten(t *testing.T) {
	data := written(t)
	content, r, err := read(iotest.OneByteReader(bytes.NewReader(data)))
	must(t, err)
	if content["table events"] != events || content["table users"] != "" || content["table cases"] != "1\n2\n" {
		t.Error("the tables are not what was written")
	}
	want := map[string]string{"sound welcome.ulaw": "sound", "recording 2026/11/22/a.wav": "audio of a", "recording 2026/11/22/b.wav": "audio of b",
		"recording 2026/11/23/d.wav": strings.Repeat("\x00", 100), "recording 2026/11/23/e.wav": "short" + strings.Repeat("\x00", 95)}
	for name, text := range want {
		if content[name] != text {
			t.Errorf("%s: %q, want %q", name, content[name], text)
		}
	}
	var told []string
	for name := range maps.Keys(content) {
		if strings.HasPrefix(name, "problem ") {
			told = append(told, name[len("problem 2026/11/"):])
		}
	}
	if slices.Sort(told); !slices.Equal(told, []string{"22/b.wav", "22/c.wav", "23/d.wav", "23/e.wav"}) {
		t.Errorf("problems: %v", told)
	}
	h := head()
	h.Format = Format
	if d := cmp.Diff(h, r.Head); d != "" {
		t.Error(d)
	}
	if s := r.Seal; s.Rows["events"] != 80_000 || s.Rows["cases"] != 2 || s.Recordings.Files != 4 || s.Sounds.Files != 1 || s.Problems != 4 {
		t.Errorf("the seal: %+v", s)
	}
	// Who reads nothing of it verifies it all the same, and who reads a part.
	for _, part := range []int64{0, 1000, 3 << 20} {
		b, err := NewReader(bytes.NewReader(data))
		must(t, err)
		for err == nil {
			var item *Item
			if item, err = b.Next(); err == nil {
				_, _ = io.CopyN(io.Discard, item, part)
			}
		}
		if !errors.Is(err, io.EOF) || b.Seal.Digest != r.Seal.Digest {
			t.Errorf("after %d bytes of each: %v", part, err)
		}
	}
}

// TestCutOffOrChanged: whatever is missing or changed is noticed.
func TestCutOffOrChanged(t *testing.T) {
	data := written(t)
	for n := 0; n < len(data); n += 1 + len(data)/300 {
		if _, _, err := read(bytes.NewReader(data[:n])); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut off at %d of %d: %v", n, len(data), err)
		}
		changed := slices.Clone(data)
		changed[n] ^= 0x10
		if n < 4 || n > 9 { // gzip's header has a time and a system, which nobody reads
			if _, _, err := read(bytes.NewReader(changed)); err == nil {
				t.Errorf("changed at %d of %d: not noticed", n, len(data))
			}
		}
	}
	if _, _, err := read(bytes.NewReader(append(slices.Clone(data), "more"...))); !errors.Is(err, ErrDamaged) {
		t.Errorf("more behind the end: %v", err)
	}
	if _, _, err := read(strings.NewReader("a letter")); !errors.Is(err, ErrDamaged) {
		t.Errorf("no backup at all: %v", err)
	}
}

// entry is one of an archive taken apart.
type entry struct {
	tar.Header
	data string
}

func apart(t testing.TB, data []byte) (all []entry) {
	t.Helper()
	gz, err := gzip.NewReader(bytes.NewReader(data))
	must(t, err)
	tr := tar.NewReader(gz)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		text, err := io.ReadAll(tr)
		must(t, err)
		all = append(all, entry{*h, string(text)})
	}
}

func together(t testing.TB, all []entry) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	gz := gzip.NewWriter(&out)
	tw := tar.NewWriter(gz)
	for _, e := range all {
		e.Size = int64(len(e.data))
		must(t, tw.WriteHeader(&e.Header))
		_, err := io.WriteString(tw, e.data)
		must(t, err)
	}
	must(t, tw.Close())
	must(t, gz.Close())
	return &out
}

// TestHostile: an archive that is whole as an archive and is not what we write.
func TestHostile(t *testing.T) {
	good := apart(t, written(t))
	if _, _, err := read(together(t, good)); err != nil {
		t.Fatal("taken apart and put together:", err)
	}
	find := func(all []entry, part string) int {
		return slices.IndexFunc(all, func(e entry) bool { return strings.Contains(e.Name, part) })
	}
	named := func(from, to string) func([]entry) []entry {
		return func(all []entry) []entry { all[find(all, from)].Name = to; return all }
	}
	without := func(part string) func([]entry) []entry {
		return func(all []entry) []entry { i := find(all, part); return slices.Delete(all, i, i+1) }
	}
	says := func(part, old, text string) func([]entry) []entry {
		return func(all []entry) []entry {
			e := &all[find(all, part)]
			e.data = strings.Replace(e.data, old, text, 1)
			e.PAXRecords = nil
			return all
		}
	}
	typed := func(flag byte, link string) func([]entry) []entry {
		return func(all []entry) []entry {
			i := find(all, "a.wav")
			all[i] = entry{tar.Header{Typeflag: flag, Name: all[i].Name, Linkname: link}, ""}
			return all
		}
	}
	for name, spoil := range map[string]func([]entry) []entry{
		"out of the folder":        named("a.wav", "recordings/../../etc/passwd"),
		"absolute":                 named("a.wav", "recordings//etc/passwd"),
		"housekeeping":             named("a.wav", "recordings/.restoring/a.wav"),
		"the folder itself":        named("a.wav", "recordings/."),
		"backslashes":              named("a.wav", `recordings/..\..\a.wav`),
		"elsewhere":                named("a.wav", "a.wav"),
		"a sound elsewhere":        named("welcome", "sounds/../x.ulaw"),
		"a link":                   typed(tar.TypeSymlink, "/etc/passwd"),
		"a hard link":              typed(tar.TypeLink, "/etc/passwd"),
		"a device":                 typed(tar.TypeChar, ""),
		"a piece is missing":       without("events/000002"),
		"a table is missing":       without("users/000001"),
		"pieces in another order":  named("events/000002", "ledger/events/000003.copy"),
		"a problem is hushed up":   without("problems/000001"),
		"a recording is missing":   without("a.wav"),
		"the seal is missing":      without("seal.json"),
		"the head is missing":      without("head.json"),
		"a table named otherwise":  says("head.json", `"users"`, `"pg_user; DROP TABLE x"`),
		"a column named otherwise": says("head.json", `"seq"`, `"seq) FROM PROGRAM 'id' --"`),
		"a newer format":           says("head.json", `"format": 1`, `"format": 2`),
		"another centre's head":    says("head.json", `三声`, `二声`),
		"rows were added":          says("cases/", "2\n", "2\n3\n"),
		"a huge head":              says("head.json", "三声", strings.Repeat("三声", 1<<19)),
		"the seal says otherwise":  says("seal.json", `"problems": 4`, `"problems": 3`),
		"two seals":                func(all []entry) []entry { return append(all, all[len(all)-1]) },
		"something behind the seal": func(all []entry) []entry {
			i := find(all, "a.wav")
			return append(slices.Delete(slices.Clone(all), i, i+1), all[i])
		},
	} {
		bad := spoil(apart(t, written(t)))
		if _, _, err := read(together(t, bad)); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var out bytes.Buffer
	w, err := NewWriter(&out, head())
	must(t, err)
	for _, path := range []string{"../x", "/x", "", "a//b", ".x", "a/.x", `a\b`, strings.Repeat("x", 2000)} {
		if _, err := w.Recording(path, 0, taken, "", strings.NewReader("")); err == nil {
			t.Errorf("the writer took %.50q", path)
		}
	}
}

// FuzzReader: no archive makes it panic, or hand out a name that leads away.
// The archive is fuzzed below the compression, which a fuzzer cannot pass.
func FuzzReader(f *testing.F) {
	gz, err := gzip.NewReader(bytes.NewReader(written(f)))
	must(f, err)
	plain, err := io.ReadAll(gz)
	must(f, err)
	f.Add(plain[:8<<10])
	var small bytes.Buffer
	h := head()
	h.Tables = h.Tables[:1]
	w, err := NewWriter(&small, h)
	must(f, err)
	must(f, w.Table("events").Close())
	add(f, w, "2026/a.wav", "audio", sum("other"))
	_, err = w.Close()
	must(f, err)
	gz, err = gzip.NewReader(&small)
	must(f, err)
	plain, err = io.ReadAll(gz)
	must(f, err)
	f.Add(plain)
	f.Fuzz(func(t *testing.T, data []byte) {
		var packed bytes.Buffer
		gz, err := gzip.NewWriterLevel(&packed, gzip.NoCompression)
		must(t, err)
		_, err = gz.Write(data)
		must(t, err)
		must(t, gz.Close())
		b, err := NewReader(&packed)
		for n := 0; err == nil && n < 1000; n++ {
			var item *Item
			if item, err = b.Next(); err != nil {
				break
			}
			if item.Kind != KindTable && item.Kind != KindProblem && checkPath(item.Name) != nil {
				t.Fatalf("it hands out %q", item.Name)
			}
			_, _ = io.CopyN(io.Discard, item, 1<<16)
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNewer) {
			t.Errorf("an error of another kind: %v", fmt.Errorf("%w", err))
		}
	})
}
