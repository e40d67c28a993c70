package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/threerings/threerings/internal/robot"
)

// outsideTone is what numbers outside sound like.
const outsideTone = 1000

// outside is the telephone network behind the trunk: whoever is called there.
// Numbers that end in 486 are busy, those in 480 do not answer; the others do.
type outside struct {
	phone *robot.Phone

	mu    sync.Mutex
	calls map[string]chan *robot.Call // by number
	given int
}

func openOutside() (*outside, error) {
	p, err := robot.NewPhone(robot.PhoneOptions{User: "network", Sound: robot.Tone(outsideTone), Pacer: &all.pacer})
	if err != nil {
		return nil, err
	}
	o := &outside{phone: p, calls: map[string]chan *robot.Call{}}
	p.SetBehaviourFunc(func(c *robot.Call) robot.Behaviour {
		switch number := dialled(c); {
		case strings.HasSuffix(number, "486"):
			return robot.Behaviour{Reject: 486}
		case strings.HasSuffix(number, "480"):
			return robot.Behaviour{NeverAnswer: true}
		}
		return robot.Behaviour{Answer: 200 * time.Millisecond}
	})
	p.OnCall(func(c *robot.Call) { o.at(dialled(c)) <- c })
	return o, nil
}

// dialled is the number that a call over the trunk is for.
func dialled(c *robot.Call) string {
	number, _, _ := strings.Cut(strings.TrimPrefix(c.To(), "sip:"), "@")
	return number
}

func (o *outside) at(number string) chan *robot.Call {
	o.mu.Lock()
	defer o.mu.Unlock()
	ch := o.calls[number]
	if ch == nil {
		ch = make(chan *robot.Call, 16)
		o.calls[number] = ch
	}
	return ch
}

// number is one outside that no other test calls; how is how it behaves: empty,
// 486 or 480.
func (o *outside) number(how string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.given++
	return fmt.Sprintf("139%05d%s", o.given, how)
}

// rung is the next call that comes to a number outside.
func (o *outside) rung(t *testing.T, number string) *robot.Call {
	t.Helper()
	select {
	case c := <-o.at(number):
		return c
	case <-inTime(t).Done():
		t.Fatalf("nobody called %s within %s", number, limit)
		return nil
	}
}
