package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/queue"
)

// leftovers tells what is still there when every call has ended: a channel or
// a bridge in Asterisk, a call or a busy agent in the core.
func leftovers(b *box.Box) error {
	var err error
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); {
		if err = errors.Join(inAsterisk(b), inCore(b.Node.Snapshot())); err == nil {
			return nil
		}
		<-time.After(20 * time.Millisecond) // until it is empty
	}
	return err
}

// asteriskHas lists the channels or the bridges of an Asterisk.
func asteriskHas(b *box.Box, kind string) ([]string, error) {
	p := b.Asterisk.Params()
	req, err := http.NewRequest(http.MethodGet, b.Asterisk.ARIURL()+"/"+kind, nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(p.ARIUser, p.ARIPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var list []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		return nil, err
	}
	var ids []string
	for _, x := range list {
		if !isSentinel(x.Name) {
			ids = append(ids, x.ID)
		}
	}
	return ids, nil
}

// isSentinel: the channels that watch over us in the dialplan are nobody's.
func isSentinel(channel string) bool { return strings.HasPrefix(channel, "Local/watch@sentinel-") }

func inAsterisk(b *box.Box) error {
	var errs []error
	for _, kind := range []string{"channels", "bridges"} {
		ids, err := asteriskHas(b, kind)
		if err == nil && len(ids) > 0 {
			err = fmt.Errorf("Asterisk still has %s %v", kind, ids)
		}
		errs = append(errs, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	channels, err := b.Asterisk.Command(ctx, "core show channels concise")
	for channel := range strings.Lines(channels) {
		if !isSentinel(channel) {
			errs = append(errs, fmt.Errorf("Asterisk's console has the channel %s", channel))
		}
	}
	return errors.Join(append(errs, err)...)
}

func inCore(s *queue.Snapshot) error {
	var errs []error
	if len(s.Calls)+len(s.Offers) > 0 {
		errs = append(errs, fmt.Errorf("the core still has calls %+v and offers %+v", s.Calls, s.Offers))
	}
	for _, g := range s.Agents {
		if g.State == queue.Reserved || g.State == queue.OnCall || g.Offer != "" || g.Dialling != 0 {
			errs = append(errs, fmt.Errorf("agent %s is stuck: %+v", g.ID, g))
		}
	}
	return errors.Join(errs...)
}
