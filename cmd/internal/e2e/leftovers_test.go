package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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

func inAsterisk(b *box.Box) error {
	var errs []error
	p := b.Asterisk.Params()
	for _, kind := range []string{"channels", "bridges"} {
		req, err := http.NewRequest(http.MethodGet, b.Asterisk.ARIURL()+"/"+kind, nil)
		if err != nil {
			return err
		}
		req.SetBasicAuth(p.ARIUser, p.ARIPassword)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		var list []struct {
			ID string `json:"id"`
		}
		err = json.NewDecoder(resp.Body).Decode(&list)
		resp.Body.Close()
		if err != nil {
			return err
		}
		if len(list) > 0 {
			errs = append(errs, fmt.Errorf("Asterisk still has %s %v", kind, list))
		}
	}
	return errors.Join(errs...)
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
