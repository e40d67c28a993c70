package node

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/threerings/threerings/ari"
	"github.com/threerings/threerings/internal/disk"
)

// registerFigures adds the gauges of the parts to /metrics. They are read when
// asked for; the parts count for themselves.
func (n *Node) registerFigures() { n.metrics.Registry().MustRegister(&figures{n}) }

type figures struct{ n *Node }

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("threerings_"+name, help, labels, nil)
}

var (
	descLeader     = desc("leader", "1 while this node leads its pool.")
	descBehind     = desc("ledger_behind_records", "Records not yet in Postgres.")
	descBehindAge  = desc("ledger_behind_seconds", "How long the oldest of them has waited.")
	descSpool      = desc("ledger_spool_bytes", "Size of the local spool.")
	descUnsaved    = desc("ledger_unsaved_records", "Records in memory alone, as neither Postgres nor the spool takes them.")
	descDisk       = desc("disk_free_bytes", "What this process can still write in a folder.", "folder")
	descRejected   = desc("ledger_rejected_records", "Records that Postgres refused, kept beside the spool.")
	descStale      = desc("ledger_stale_records", "Records since the start that the tables of calls do not show: threerings rebuild.")
	descReconnects = desc("switch_reconnects_total", "Connections to Asterisk after the first.")
	descEvents     = desc("switch_events_total", "Events of Asterisk by type.", "type")
	descLost       = desc("switch_losses_total", "Connections to Asterisk that were lost, by why: socket, no_answers (to requests), forgotten.", "why")
	descRefused    = desc("switch_refusals_total", "Requests that Asterisk refused, by status; none: no answer came.", "status")
	descUndecoded  = desc("switch_undecoded_total", "Frames of Asterisk that are no event at all.")
	descEventTook  = desc("switch_event_seconds", "From an event's arrival to the inputs it means.")
	descRequest    = desc("switch_request_seconds", "One request to Asterisk.")
	descAccounts   = desc("switch_accounts", "SIP accounts and fixed phones in place in Asterisk.")
	descUnplaced   = desc("switch_accounts_in_trouble", "1 while accounts or numbers are not all in place; the log says why.")
	descUnknown    = desc("switch_unknown_events_total", "Events of a type that this program does not know.", "type")
	descHealed     = desc("switch_healed_total", "Inputs made up for lost events, by type.", "input")
	descCommands   = desc("switch_commands_total", "Commands by result.", "command", "result")
	descCarried    = desc("switch_command_seconds", "From the core's command to Asterisk's answer.", "command")
	descTrouble    = desc("recordings_in_trouble", "1 while a recording that should be kept is not.")
	descUnclaimed  = desc("recordings_unclaimed", "Recordings in the store of calls that the ledger does not know.")
)

// Describe implements prometheus.Collector.
func (f *figures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descLeader, descBehind, descBehindAge, descSpool, descUnsaved, descDisk, descRejected, descStale, descReconnects, descLost, descRefused,
		descEvents, descUndecoded, descEventTook, descRequest, descAccounts, descUnplaced, descUnknown, descHealed, descCommands, descCarried, descTrouble, descUnclaimed} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (f *figures) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	one := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	gauge(descLeader, one(f.n.leadNow.is()))
	gauge(descTrouble, one(f.n.keeper.Trouble() != nil))
	gauge(descUnclaimed, float64(f.n.keeper.Unclaimed()))
	for _, place := range f.n.folders() {
		if _, free, err := disk.Ask(place.path); err == nil && place.path != "" {
			gauge(descDisk, float64(free), place.name)
		}
	}
	if j := f.n.leadNow.journal.Load(); j != nil {
		st := j.Stats()
		gauge(descBehind, float64(st.Lag))
		gauge(descBehindAge, st.LagAge.Seconds())
		gauge(descSpool, float64(st.SpoolBytes))
		gauge(descUnsaved, float64(st.Unsaved))
		gauge(descRejected, float64(st.Rejected))
		gauge(descStale, float64(st.Stale))
	}
	sw := f.n.leadNow.sw.Load()
	if sw == nil {
		return
	}
	st := sw.Stats()
	took := func(d *prometheus.Desc, h ari.Histogram, labels ...string) {
		ch <- prometheus.MustNewConstHistogram(d, h.Count, h.Sum.Seconds(), cumulated(h), labels...)
	}
	count(descReconnects, st.Reconnects)
	count(descUndecoded, st.Undecoded)
	took(descEventTook, st.Events2In)
	took(descRequest, st.Requests)
	gauge(descAccounts, float64(st.Accounts))
	gauge(descUnplaced, one(st.Provision != ""))
	for reason, n := range st.Lost {
		count(descLost, n, reason)
	}
	for status, n := range st.Refused {
		count(descRefused, n, status)
	}
	for kind, n := range st.Events {
		count(descEvents, n, kind)
	}
	for kind, n := range st.Unknown {
		count(descUnknown, n, kind)
	}
	for kind, n := range st.Healed {
		count(descHealed, n, kind)
	}
	for command, h := range st.Carried {
		took(descCarried, h, command)
	}
	for c, n := range st.Commands {
		count(descCommands, n, c.Command, c.Result)
	}
}

// cumulated turns a histogram into Prometheus' form: counts up to each bound.
func cumulated(h ari.Histogram) map[float64]uint64 {
	buckets, sum := map[float64]uint64{}, uint64(0)
	for i, bound := range ari.Bounds() {
		sum += h.Buckets[i]
		buckets[bound.Seconds()] = sum
	}
	return buckets
}
