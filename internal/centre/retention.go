package centre

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/threerings/threerings/internal/strictyaml"
	"github.com/threerings/threerings/queue"
)

// Retention is how long recordings are kept, in days; 0: for ever. What is
// said of a class counts before what is said of a queue, and that before Days.
type Retention struct {
	Days    int
	Queues  map[queue.QueueID]int
	Classes map[string]int // "voicemail", or the code of a category
}

// mostDays is a hundred years.
const mostDays = 36525

// voicemail is the class of messages.
const voicemail = "voicemail"

// retention reads how long recordings are kept. It comes after queues and
// categories, which it names.
func (p *parser) retention(n *strictyaml.Node) {
	f := n.Fields()
	r := Retention{Days: f.Get("days").Int(0, 0, mostDays)}
	queues := f.Get("queues").Fields()
	for _, id := range queues.Names() {
		days := queues.Get(id)
		if !p.queues[queue.QueueID(id)] {
			days.Refuse("there is no queue %q", id)
		}
		if r.Queues == nil {
			r.Queues = map[queue.QueueID]int{}
		}
		r.Queues[queue.QueueID(id)] = days.Int(0, 0, mostDays)
	}
	queues.Close()
	known := p.c.Config.Categories
	if len(known) == 0 {
		known = queue.DefaultCategories()
	}
	classes := f.Get("classes").Fields()
	for _, class := range classes.Names() {
		days := classes.Get(class)
		if class != voicemail && !slices.ContainsFunc(known, func(c queue.Category) bool { return c.Code == class }) {
			days.Refuse("there is no category %q; give one of the categories, or %s", class, voicemail)
		}
		if r.Classes == nil {
			r.Classes = map[string]int{}
		}
		r.Classes[class] = days.Int(0, 0, mostDays)
	}
	classes.Close()
	f.Close()
	p.c.Retention = r
}

func retentionShape() *shape {
	days := func() *shape { return whole("Days; 0: for ever.", 0, mostDays) }
	return group("How long recordings are kept; then their keys are destroyed. What is said of a class counts before what is said of a queue, and that before days. Held recordings are kept on.",
		opt("days", days().with(0)),
		opt("queues", named("Days, by queue.", idPattern.String(), days())),
		opt("classes", named("Days, by the code of the category under which a call was registered, or voicemail.", codePattern.String(), days())),
	)
}

// retentionText is how long recordings are kept as people read it, for differences.
func retentionText(r Retention) string {
	span := func(days int) string {
		if days == 0 {
			return "for ever"
		}
		return fmt.Sprintf("%d days", days)
	}
	out := []string{span(r.Days)}
	for _, id := range slices.Sorted(maps.Keys(r.Queues)) {
		out = append(out, fmt.Sprintf("queue %s %s", id, span(r.Queues[id])))
	}
	for _, class := range slices.Sorted(maps.Keys(r.Classes)) {
		out = append(out, fmt.Sprintf("%s %s", class, span(r.Classes[class])))
	}
	return strings.Join(out, ", ")
}
