package ari

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Callers who wait with an application that is dead or frozen would ring or
// hear music for ever: Asterisk gives them no way out (facts 5.4, 5.5). So we
// give Asterisk a sign of life each second, and have a sentinel run in its
// dialplan that takes waiting callers to the fallback when the signs stay away.
// It lives in Asterisk because everything of ours may be gone at once, this
// machine included.
const (
	signEvery = time.Second
	// A sentinel lives for 60 s (asterisk-conf), so that Asterisk can be stopped
	// when convenient; two of them at a time do no harm.
	sentinelEvery = 25 * time.Second
)

// signs gives signs of life until ctx ends. They are asked for by whoever reads
// events, so that they stop when that does.
func (s *Switch) signs(ctx context.Context, beat <-chan struct{}) {
	token := strconv.FormatInt(time.Now().UnixNano(), 36) // two processes never give the same sign
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-beat:
		}
		if s.opts.silent.Load() {
			continue
		}
		if n == 1 { // new callers are ours again, without waiting for a sentinel to see it
			if err := s.setGlobal(ctx, "TR_DEAD", "0"); err != nil {
				s.log.Warn("Asterisk is not told that callers are taken again", "error", err)
			}
		}
		if err := s.setGlobal(ctx, "TR_ALIVE", token+"-"+strconv.Itoa(n)); err != nil {
			s.log.Warn("sign of life not given", "error", err)
			continue
		}
		if time.Now().Before(s.nextSentinel) {
			continue
		}
		watch := originateBody{Endpoint: "Local/watch@sentinel/n", Context: "sentinel", Extension: "idle", Priority: 1, Timeout: 5}
		if err := s.rest.do(ctx, http.MethodPost, "/channels", nil, watch, nil); err != nil {
			s.log.Warn("no sentinel in Asterisk's dialplan: callers who wait would not be rescued if this program failed; is its extensions.conf the present one?", "error", err)
		}
		s.nextSentinel = time.Now().Add(sentinelEvery)
	}
}

func (s *Switch) setGlobal(ctx context.Context, name, value string) error {
	return s.rest.do(ctx, http.MethodPost, "/asterisk/variable", url.Values{"variable": {name}, "value": {value}}, nil, nil)
}

// isSentinel: one end of a sentinel, and no leg of anybody's call.
func (c channelNow) isSentinel() bool { return strings.HasPrefix(c.Name, "Local/watch@sentinel-") }

// fallbackContext is where the sentinel, or the dialplan itself, brings a call
// that we have lost.
const fallbackContext = "fallback"
