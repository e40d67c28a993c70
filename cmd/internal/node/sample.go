package node

import (
	"context"
	"time"
)

const sampleEvery = time.Minute

// sample makes the seeds of periods before they begin, and draws those that
// are over (R9.1). What fails is tried again a minute later.
func (n *Node) sample(ctx context.Context) error {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		now, zone := time.Now(), n.house.location()
		if err := n.db.Promise(ctx, now, zone); err != nil && ctx.Err() == nil {
			n.log.Warn("seeds of samples: tried again in a minute", "err", err)
		}
		due, err := n.db.DueDraws(ctx, now)
		if err != nil && ctx.Err() == nil {
			n.log.Warn("samples that are due: tried again in a minute", "err", err)
		}
		for _, id := range due {
			d, err := n.db.MakeDraw(ctx, id, now, "", zone)
			if err != nil {
				if ctx.Err() == nil {
					n.log.Error("a sample could not be drawn: tried again in a minute", "draw", id, "err", err)
				}
				continue
			}
			n.log.Info("drew a sample", "draw", id, "plan", d.Plan.Name, "population", d.Population, "picks", len(d.Picks))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
