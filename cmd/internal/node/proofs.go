package node

import (
	"context"

	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// proofs is what was found in recordings, for the pages.
type proofs struct{ db *postgres.DB }

func (p proofs) Marks(ctx context.Context, call queue.CallID) (recording.Timeline, error) {
	r, err := p.db.Recording(ctx, call)
	if err != nil {
		return recording.Timeline{}, notFound(err)
	}
	s, err := ledger{db: p.db}.story(ctx, call)
	if err != nil {
		return recording.Timeline{}, notFound(err)
	}
	return recording.Marks(r.StartedAt, r.Length, s), nil
}

func (p proofs) Speech(ctx context.Context, call queue.CallID) ([]recording.Speech, error) {
	return p.db.Speech(ctx, call)
}

func (p proofs) Peaks(ctx context.Context, call queue.CallID) (recording.Peaks, error) {
	peaks, err := p.db.Peaks(ctx, call)
	return peaks, notFound(err)
}

func (p proofs) Gaps(ctx context.Context, f dashboard.GapFilter) (all []dashboard.FoundGap, _ error) {
	in := postgres.GapFilter{Call: f.Call, Reason: f.Reason, Agents: f.Agents, Limit: f.Limit}
	if g := f.After; g != nil {
		in.Before, in.BeforeCall, in.BeforeN = g.FoundAt, g.Call, g.N
	}
	rows, err := p.db.Gaps(ctx, in)
	for _, g := range rows {
		all = append(all, dashboard.FoundGap{Call: g.Call, N: g.N, FoundAt: g.FoundAt, Gap: g.Gap})
	}
	return all, err
}

// search is where recordings are found, for the pages.
type search struct{ *postgres.DB }

func (s search) AddComment(ctx context.Context, c recording.Comment) (recording.Comment, error) {
	c, err := s.DB.AddComment(ctx, c)
	return c, notFound(err)
}
