package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/internal/postgres/private"
	"github.com/threerings/threerings/queue"
	"github.com/threerings/threerings/recording"
)

// SearchOptions is how searches are measured.
type SearchOptions struct {
	Dir      string // a folder of its own, for a Postgres
	N        int    // recordings
	Times    int    // each question, with values that differ
	Progress func(what string)
}

// SearchReport is how long questions about recordings take.
type SearchReport struct {
	Machine Machine    `json:"machine"`
	At      time.Time  `json:"at"`
	N       int        `json:"recordings"`
	Asked   []Question `json:"questions"`
}

// Question is one kind of search.
type Question struct {
	Name   string `json:"name"`
	Figure Figure `json:"figure"` // required: of the 95th percentile
	Found  int    `json:"found"`  // on average, of a page of 50
}

// searchWithin is what 95 of 100 searches may take.
const searchWithin = 200 * time.Millisecond

// searchEnd is when the newest recording was made.
var searchEnd = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fill makes n recordings as a house of thirty agents makes them in some three
// years: a few agents and queues have most calls, most surveys are unanswered,
// notes are in Chinese or English, one in a hundred has a gap. It writes what
// searches read, without the triggers that would derive it row by row.
const fill = `
SELECT setseed(0.5);
INSERT INTO recordings (call, path, started_at, length_ms, bytes, sha256, talk_offset_ms, talk_ms, state, gap_reason)
	SELECT 'c' || i, '', $1::timestamptz - i * interval '97 seconds', 60000, 1, '', 0, 60000, CASE WHEN i % 100 = 0 THEN 'incomplete' ELSE 'kept' END,
		CASE WHEN i % 100 = 0 THEN 'of 60.0 s the last 3.0 s were not written' ELSE '' END FROM generate_series(1, $2::int) i;
INSERT INTO recording_search (call, at, agents, queue, number, talk_ms, over_rings, release, mark, category, state, held, score, dead_air_ms, crosstalk_ms, agent_share, words)
	SELECT 'c' || i, $1::timestamptz - i * interval '97 seconds',
		CASE WHEN random() < 0.1 THEN ARRAY[(1001 + floor(30 * power(random(), 2)))::int::text, (1001 + floor(30 * random()))::int::text] ELSE ARRAY[(1001 + floor(30 * power(random(), 2)))::int::text] END,
		(ARRAY['support', 'sales', 'billing', 'complaints', 'vip'])[1 + floor(5 * power(random(), 1.5))::int],
		'1' || (30 + floor(60 * random()))::int || lpad(floor(power(random(), 2) * 99999999)::bigint::text, 8, '0'),
		(-ln(1 - random()) * 180000)::bigint, random() < 0.08, CASE WHEN random() < 0.9 THEN 'caller' ELSE 'agent' END,
		CASE WHEN random() < 0.7 THEN 0 ELSE 1 + floor(5 * power(random(), 0.3))::int END,
		(ARRAY['consultation', 'order', 'repair', 'complaint', ''])[1 + floor(5 * random())::int],
		CASE WHEN i % 100 = 0 THEN 'incomplete' ELSE 'kept' END, random() < 0.001, CASE WHEN random() < 0.03 THEN 50 + 50 * random() END,
		(-ln(1 - random()) * 8000)::bigint, (-ln(1 - random()) * 4000)::bigint, (20 + 60 * random())::int,
		array_to_tsvector(search_words(CASE WHEN random() < 0.5 THEN
			(ARRAY['客户要求退款', '水泵漏水需要报修', '咨询安装时间', '投诉上门态度', '订单地址修改', '发票抬头有误'])[1 + floor(6 * random())::int] || '，单号' || (i % 50000)
			ELSE (ARRAY['refund of the pump', 'asks when the fitter comes', 'invoice has the wrong name', 'order changed', 'wants a call back', 'warranty extended'])[1 + floor(6 * random())::int] || ', order ' || (i % 50000) END))
	FROM generate_series(1, $2::int) i;
ANALYZE recordings; ANALYZE recording_search;`

// RunSearch fills a Postgres of its own and asks it what people ask.
func RunSearch(ctx context.Context, o SearchOptions) (r *SearchReport, err error) {
	r = &SearchReport{Machine: thisHost(), At: time.Now().UTC(), N: o.N}
	server, err := private.Start(ctx, filepath.Join(o.Dir, "postgres"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }() // thrown away
	db, err := postgres.Open(ctx, server.URL())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	o.Progress(fmt.Sprintf("makes %d recordings", o.N))
	if err := fillSearch(ctx, server.URL(), o.N); err != nil {
		return nil, fmt.Errorf("make recordings: %w", err)
	}
	chance := rand.New(rand.NewPCG(1, 2))
	for _, q := range questions(chance, o.N) {
		o.Progress(q.name)
		var took []time.Duration
		found := 0
		for range o.Times {
			f := q.ask()
			f.Limit = 50
			began := time.Now()
			page, err := db.SearchRecordings(ctx, f)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q.name, err)
			}
			if len(page) == f.Limit && f.AfterCall == "" { // the first page tells how many there are
				if _, err := db.CountRecordings(ctx, f, 1001); err != nil {
					return nil, fmt.Errorf("%s: %w", q.name, err)
				}
			}
			took, found = append(took, time.Since(began)), found+len(page)
		}
		fig := figure(took, searchWithin)
		fig.Met = fig.P95 <= fig.Required
		r.Asked = append(r.Asked, Question{q.name, fig, found / o.Times})
	}
	return r, nil
}

func fillSearch(ctx context.Context, url string, n int) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.PgConn().Exec(ctx, fmt.Sprintf("SET session_replication_role = replica; %s", filled(n))).Close()
}

// filled is fill with its two values: several statements take no arguments.
func filled(n int) string {
	return strings.NewReplacer("$1::timestamptz", "timestamptz '"+searchEnd.Format(time.RFC3339)+"'", "$2::int", strconv.Itoa(n)).Replace(fill)
}

type question struct {
	name string
	ask  func() recording.Search
}

// questions are what people ask of three years of recordings, with values by
// chance.
func questions(chance *rand.Rand, n int) []question {
	agent := func() []queue.AgentID { return []queue.AgentID{queue.AgentID(fmt.Sprint(1001 + chance.IntN(30)))} }
	day := func() time.Time {
		return searchEnd.Add(-time.Duration(chance.IntN(n)) * 97 * time.Second).Truncate(24 * time.Hour)
	}
	one := func(list ...string) string { return list[chance.IntN(len(list))] }
	yes, sixty := true, 60.0
	return []question{
		{"newest", func() recording.Search { return recording.Search{} }},
		{"an agent's month", func() recording.Search {
			d := day()
			return recording.Search{Agents: agent(), Since: d, Until: d.AddDate(0, 1, 0)}
		}},
		{"a team, low survey", func() recording.Search {
			return recording.Search{Agents: []queue.AgentID{"1001", "1005", "1009", "1013", "1021"}, MarkFrom: 1, MarkTo: 2}
		}},
		{"a queue's day", func() recording.Search {
			d := day()
			return recording.Search{Queue: queue.QueueID(one("support", "sales", "vip")), Since: d, Until: d.AddDate(0, 0, 1)}
		}},
		{"last digits of a number", func() recording.Search { return recording.Search{NumberEnds: fmt.Sprintf("%04d", chance.IntN(10000))} }},
		{"a number", func() recording.Search {
			return recording.Search{Number: fmt.Sprintf("1%d%08d", 30+chance.IntN(60), chance.IntN(99999999))}
		}},
		{"long calls of an agent", func() recording.Search { return recording.Search{Agents: agent(), TalkFrom: 15 * time.Minute} }},
		{"over three rings, agent hung up", func() recording.Search {
			return recording.Search{OverRings: &yes, Release: queue.ReleaseAgent}
		}},
		{"dead air", func() recording.Search { return recording.Search{DeadAirFrom: time.Minute} }},
		{"cross-talk in a queue", func() recording.Search {
			return recording.Search{Queue: "vip", CrossFrom: 30 * time.Second}
		}},
		{"score below 60", func() recording.Search { return recording.Search{ScoreTo: &sixty} }},
		{"gaps", func() recording.Search { return recording.Search{Gaps: true} }},
		{"held", func() recording.Search { return recording.Search{Held: &yes} }},
		{"not registered, of a day", func() recording.Search {
			d := day()
			return recording.Search{Unregistered: true, Since: d, Until: d.AddDate(0, 0, 1)}
		}},
		{"Chinese words", func() recording.Search {
			return recording.Search{Text: one("退款", "水泵漏水", "上门态度", "发票")}
		}},
		{"English words", func() recording.Search { return recording.Search{Text: one("refund", "fitter", "warr", "wrong name")} }},
		{"a word nobody wrote", func() recording.Search { return recording.Search{Text: "飞机"} }},
		{"words, agent, month", func() recording.Search {
			d := day()
			return recording.Search{Text: one("退款", "invoice"), Agents: agent(), Since: d, Until: d.AddDate(0, 1, 0)}
		}},
		{"an order's number", func() recording.Search { return recording.Search{Text: fmt.Sprint(10000 + chance.IntN(40000))} }},
		{"page 1000 of a queue", func() recording.Search {
			return recording.Search{Queue: "support", AfterAt: day(), AfterCall: "c1"}
		}},
		{"everything at once", func() recording.Search {
			return recording.Search{Agents: agent(), Queue: "support", TalkFrom: time.Minute, Release: queue.ReleaseCaller, Category: "complaint", MarkFrom: 1, ShareFrom: 60, Text: "投诉"}
		}},
	}
}

// JSON is the report as bench-search.json has it.
func (r *SearchReport) JSON() ([]byte, error) {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the figures: %w", err)
	}
	return append(data, '\n'), nil
}

// Table writes the report for people.
func (r *SearchReport) Table(w io.Writer) error {
	m := r.Machine
	_, err := fmt.Fprintf(w, "%s, %d cores, %s; %d recordings; ms\n\n%-32s %5s %8s %8s %8s %6s  %s\n", m.CPU, m.Cores, m.Kernel, r.N, "", "n", "p50", "p95", "max", "found", "required p95")
	for _, q := range r.Asked {
		verdict := "missed"
		if q.Figure.Met {
			verdict = "met"
		}
		if err == nil {
			_, err = fmt.Fprintf(w, "%-32s %5d %8.1f %8.1f %8.1f %6d  <= %.0f %s\n", q.Name, q.Figure.N, q.Figure.P50, q.Figure.P95, q.Figure.Max, q.Found, q.Figure.Required, verdict)
		}
	}
	return err
}
