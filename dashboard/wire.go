package dashboard

import (
	"maps"
	"reflect"
	"strings"
	"time"

	"github.com/threerings/threerings/queue"
)

// stamp is a time as it looks in JSON: RFC 3339, UTC, milliseconds; null for
// the zero time.
type stamp time.Time

const stampLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON implements json.Marshaler.
func (s stamp) MarshalJSON() ([]byte, error) {
	t := time.Time(s)
	if t.IsZero() {
		return []byte("null"), nil
	}
	return t.UTC().AppendFormat(nil, `"`+stampLayout+`"`), nil
}

func ms(d time.Duration) int64 { return d.Milliseconds() }

// wireShare is a share with its value, null without a whole.
type wireShare struct {
	Part  int      `json:"part"`
	Whole int      `json:"whole"`
	Value *float64 `json:"value"`
}

func shareOf(s queue.Share) wireShare {
	w := wireShare{Part: s.Part, Whole: s.Whole}
	if v, ok := s.Value(); ok {
		w.Value = &v
	}
	return w
}

// wireRings is a ringing that is over.
type wireRings struct {
	ForMS  int64 `json:"for_ms"`
	Heard  int   `json:"heard"`
	Within bool  `json:"within"`
	Strict bool  `json:"strict"`
}

func ringsOf(r queue.Rings) wireRings {
	return wireRings{ForMS: ms(r.For), Heard: r.Heard, Within: r.Within, Strict: r.Strict}
}

const (
	maskFrom  = 7 // digits from which a number names a person
	maskHead  = 3
	maskTail  = 4
	maskLeast = 4 // hidden at least, in local numbers of seven to ten digits
)

// mask hides the middle of a long number: 138****0001 (R14.1). Short ones are
// extensions and stay. What is not a number at all (a SIP name) can name a
// person as well and is cut to its first characters.
func mask(number string) string {
	r := []rune(number)
	if len(r) < maskFrom {
		return number
	}
	for i, c := range r {
		if (c < '0' || c > '9') && (i > 0 || c != '+') {
			return string(r[:maskHead]) + "****"
		}
	}
	tail := min(maskTail, len(r)-maskHead-maskLeast)
	return string(r[:maskHead]) + strings.Repeat("*", len(r)-maskHead-tail) + string(r[len(r)-tail:])
}

// wireEvent turns an event into what the API shows: names of its JSON form,
// durations as integer _ms, times as stamps; caller's number and name masked
// when hide is set. Events are a closed set of plain structs, so one walk
// serves all of them.
func wireEvent(e queue.Event, hide bool) map[string]any {
	return wireStruct(reflect.ValueOf(e), hide)
}

func wireStruct(v reflect.Value, hide bool) map[string]any {
	out := make(map[string]any, v.NumField())
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		f := v.Field(i)
		if v.Type().Field(i).Anonymous { // JSON shows its fields as the event's own
			maps.Copy(out, wireStruct(f, hide))
			continue
		}
		if d, ok := f.Interface().(time.Duration); ok {
			out[name+"_ms"] = ms(d)
			continue
		}
		if hide && f.Kind() == reflect.String {
			switch name {
			case "caller":
				out[name] = mask(f.String())
				continue
			case "number":
				if !dialled(v.Interface()) {
					out[name] = mask(f.String())
					continue
				}
			case "name", "endpoint", "addr", "note":
				out[name] = ""
				continue
			}
		}
		out[name] = wireValue(f, hide)
	}
	return out
}

// dialled tells whether the number in an event is the house's own, which a
// caller dialled. Any other is somebody's, also of events to come (R14.1).
func dialled(e any) bool {
	switch e.(type) {
	case queue.CallQueued, queue.CallTurnedAway, queue.CallEntered:
		return true
	}
	return false
}

func wireValue(v reflect.Value, hide bool) any {
	if t, ok := v.Interface().(time.Time); ok {
		return stamp(t)
	}
	switch v.Kind() {
	case reflect.Struct:
		return wireStruct(v, hide)
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = wireValue(v.Index(i), hide)
		}
		return list
	default:
		return v.Interface()
	}
}
