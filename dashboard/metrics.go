package dashboard

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/threerings/threerings/queue"
)

// Metrics are the program's figures for Prometheus. The wiring makes one and
// hands it to the parts, each of which asks for the one or two methods it
// calls. All methods are safe for concurrent use and never block.
type Metrics struct {
	registry *prometheus.Registry
	step     prometheus.Histogram
	requests *prometheus.HistogramVec
	building prometheus.Histogram
	size     prometheus.Gauge
	snapshot atomic.Pointer[presentCollector]
}

// NewMetrics returns Metrics with a registry of their own.
func NewMetrics() *Metrics {
	fast := []float64{.00001, .000025, .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .05, .25}
	wire := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: "threerings_" + name, Help: help, Buckets: buckets})
	}
	vec := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "threerings_" + name, Help: help, Buckets: wire}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		step:     histogram("step_seconds", "Time the core took for one input.", fast),
		requests: vec("http_request_seconds", "Time of HTTP requests.", "route", "code"),
		building: histogram("wallboard_frame_seconds", "Time to build and encode one wallboard frame.", fast),
		size: prometheus.NewGauge(prometheus.GaugeOpts{Name: "threerings_wallboard_frame_bytes",
			Help: "Size of the newest wallboard frame."}),
	}
	m.registry.MustRegister(m.step, m.requests, m.building, m.size,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m)
	return m
}

// Registry is where other parts add figures of their own.
func (m *Metrics) Registry() prometheus.Registerer { return m.registry }

// StepTook tells how long the core took for one input.
func (m *Metrics) StepTook(d time.Duration) { m.step.Observe(d.Seconds()) }

func (m *Metrics) request(route string, code int, d time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(code)).Observe(d.Seconds())
}

func (m *Metrics) frame(d time.Duration, bytes int) {
	m.building.Observe(d.Seconds())
	m.size.Set(float64(bytes))
}

// attach adds the present: gauges are read from a snapshot when asked for.
func (m *Metrics) attach(src Source, h *hub) { m.snapshot.Store(&presentCollector{src: src, hub: h}) }

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range gauges {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	if p := m.snapshot.Load(); p != nil {
		p.collect(ch)
	}
}

// gauges describes what is read from a snapshot; never written to.
var gauges = func() map[string]*prometheus.Desc {
	g := map[string]*prometheus.Desc{}
	add := func(name, help string, labels ...string) {
		g[name] = prometheus.NewDesc("threerings_"+name, help, labels, nil)
	}
	add("switch_up", "1 while events of the switch reach us.")
	add("ledger_seq", "Number of the last record.")
	add("wallboard_watchers", "Wallboards open over WebSocket.")
	add("agents", "Agents by state.", "state")
	add("queue_agents", "Agents who serve a queue, by state.", "queue", "state")
	add("calls_waiting", "Calls that no agent has answered yet.", "queue")
	add("calls_talking", "Conversations.", "queue")
	add("longest_waiting_seconds", "How long the oldest waiting call has waited.", "queue")
	add("calls_today", "Calls of the day by what became of them.", "queue", "outcome")
	add("violations_today", "Entries of the day in the violations ledger.", "queue")
	add("turned_away_total", "Calls not let in since the pool's beginning, by reason.", "reason")
	add("numbers_banned", "Numbers whose calls are not let in.")
	add("rings_within_ratio", "Share within the ring limit today, of agents (R1.1) and callers (R1.2).", "queue", "of")
	add("service_level_ratio", "Service level of the day, by the named formula.", "queue", "formula")
	return g
}()

type presentCollector struct {
	src Source
	hub *hub
}

func (p *presentCollector) collect(ch chan<- prometheus.Metric) {
	s := p.src.Snapshot()
	send := func(name string, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(gauges[name], prometheus.GaugeValue, v, labels...)
	}
	up := 0.0
	if s.Switch {
		up = 1
	}
	send("switch_up", up)
	send("ledger_seq", float64(s.Seq))
	send("wallboard_watchers", float64(p.hub.watching()))
	for _, why := range queue.TurnedReasons() {
		ch <- prometheus.MustNewConstMetric(gauges["turned_away_total"], prometheus.CounterValue, float64(s.TurnedAway[why]), why)
	}
	send("numbers_banned", float64(len(s.Bans)))
	states := map[queue.AgentState]int{}
	for i := range s.Agents {
		states[s.Agents[i].State]++
	}
	for state, n := range byState(states) {
		send("agents", float64(n), string(state))
	}
	at := look(s)
	for i := range s.Queues {
		n := &s.Queues[i]
		collectQueue(send, n, at.queueConfig(n.Queue), time.Now())
	}
}

func collectQueue(send func(string, float64, ...string), n *queue.QueueNow, cfg *queue.QueueConfig, now time.Time) {
	q, t := string(n.Queue), n.Today
	for state, count := range byState(n.Agents) {
		send("queue_agents", float64(count), q, string(state))
	}
	send("calls_waiting", float64(n.Waiting), q)
	send("calls_talking", float64(n.Talking), q)
	waiting := 0.0
	if !n.WaitingSince.IsZero() {
		waiting = max(0, now.Sub(n.WaitingSince).Seconds())
	}
	send("longest_waiting_seconds", waiting, q)
	send("calls_today", float64(t.Offered), q, "offered")
	send("calls_today", float64(t.Answered), q, "answered")
	send("calls_today", float64(t.Abandoned), q, "abandoned")
	send("calls_today", float64(t.Overflowed), q, "overflowed")
	send("calls_today", float64(t.Lost), q, "lost")
	send("violations_today", float64(t.Violations), q)
	ratio := func(name string, s queue.Share, label string) {
		if v, ok := s.Value(); ok { // without a whole there is no share, and no sample
			send(name, v, q, label)
		}
	}
	ratio("rings_within_ratio", t.AgentsWithin(), "agents")
	ratio("rings_within_ratio", t.CallersWithinRings(), "callers")
	ratio("service_level_ratio", t.ServiceLevel(cfg.ServiceLevel.Formula), string(cfg.ServiceLevel.Formula))
}

// prometheus is GET /metrics.
func (s *Server) prometheus(w http.ResponseWriter, r *http.Request, _ identity) error {
	promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	return nil
}
