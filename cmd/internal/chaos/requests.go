package chaos

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// requests follows what a client says on one HTTP/1.1 connection, piece by
// piece as it passes, and tells each request when the last byte of its head
// has passed. It holds nothing up: bodies are counted off and not kept.
type requests struct {
	tell func(at time.Time, method, target string)
	lost func(why error) // called once; nothing is told after it

	line    []byte // the beginning of a line whose end is to come
	method  string // empty: a request line comes next
	target  string
	length  int64 // of the body, as the head says
	skip    int64 // bytes still to pass before the next line
	chunked bool  // the body comes in chunks
	body    bool  // the head is through: lines are of chunks
	trailer bool  // the last chunk is through
	upgrade bool
	over    bool // another protocol from here on, or lost
}

// lineLimit is far above any line of a head.
const lineLimit = 64 << 10

// feed takes a piece that was passed on at an instant.
func (r *requests) feed(at time.Time, piece []byte) {
	for len(piece) > 0 && !r.over {
		if r.skip > 0 {
			n := min(r.skip, int64(len(piece)))
			r.skip -= n
			piece = piece[n:]
			continue
		}
		line, rest, whole := bytes.Cut(piece, []byte{'\n'})
		r.line = append(r.line, line...)
		if len(r.line) > lineLimit {
			r.give("a line of more than %d bytes", lineLimit)
			return
		}
		if !whole {
			return
		}
		text := strings.TrimSuffix(string(r.line), "\r")
		r.line, piece = r.line[:0], rest
		switch {
		case r.body:
			r.chunk(text)
		case r.method == "":
			r.first(text)
		case text != "":
			r.header(text)
		default:
			r.endOfHead(at)
		}
	}
}

func (r *requests) give(format string, args ...any) {
	r.over = true
	r.lost(fmt.Errorf(format, args...))
}

// first is a request line. An empty line may precede it (RFC 9112, 2.2).
func (r *requests) first(text string) {
	if text == "" {
		return
	}
	method, rest, ok := strings.Cut(text, " ")
	target, version, ok2 := strings.Cut(rest, " ")
	if !ok || !ok2 || method == "" || !strings.HasPrefix(version, "HTTP/1.") {
		r.give("%q is no request line", text)
		return
	}
	r.method, r.target = method, target
}

func (r *requests) header(text string) {
	name, value, _ := strings.Cut(text, ":")
	value = strings.TrimSpace(value)
	switch http.CanonicalHeaderKey(name) {
	case "Content-Length":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			r.give("Content-Length %q", value)
			return
		}
		r.length = n
	case "Transfer-Encoding":
		r.chunked = strings.EqualFold(value, "chunked")
	case "Upgrade":
		r.upgrade = true
	}
}

func (r *requests) endOfHead(at time.Time) {
	r.tell(at, r.method, r.target)
	if r.upgrade {
		r.over = true // frames of the event socket
		return
	}
	if r.chunked {
		r.body = true
		return
	}
	r.skip = r.length
	r.next()
}

// next begins a new request.
func (r *requests) next() {
	r.method, r.target, r.length, r.chunked, r.body, r.trailer = "", "", 0, false, false, false
}

// chunk is a line of a body in chunks: a length, or after the last one a trailer.
func (r *requests) chunk(text string) {
	if r.trailer {
		if text == "" {
			r.next()
		}
		return
	}
	size, _, _ := strings.Cut(text, ";")
	n, err := strconv.ParseInt(strings.TrimSpace(size), 16, 63)
	switch {
	case err != nil || n < 0:
		r.give("%q is no length of a chunk", text)
	case n == 0:
		r.trailer = true
	default:
		r.skip = n + 2 // with the end of its line
	}
}
