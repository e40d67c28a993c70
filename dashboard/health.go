package dashboard

import (
	"context"
	"net/http"
	"time"
)

// readyLimit bounds how long the ledger may take to answer a readiness check.
const readyLimit = 2 * time.Second

type part struct {
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

// healthz is GET /healthz: the process is alive, nothing more.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request, _ identity) error {
	writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
	return nil
}

// readyz is GET /readyz: this node can take calls.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request, _ identity) error {
	parts := map[string]part{"switch": {OK: true}, "ledger": {OK: true}, "leader": {OK: true}}
	if !s.opts.Core.Snapshot().Switch {
		parts["switch"] = part{Detail: "events of Asterisk do not reach us"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyLimit)
	defer cancel()
	if err := s.opts.Ledger.Ping(ctx); err != nil {
		s.log.Warn("ledger not reachable", "err", err)
		parts["ledger"] = part{Detail: "the ledger cannot be reached; records are kept aside until it can"}
	}
	if s.opts.Leader != nil && !s.opts.Leader() {
		parts["leader"] = part{Detail: "another node leads"}
	}
	status, code := "ready", http.StatusOK
	for _, p := range parts {
		if !p.OK {
			status, code = "not_ready", http.StatusServiceUnavailable
		}
	}
	writeJSON(w, code, struct {
		Status string          `json:"status"`
		Parts  map[string]part `json:"parts"`
	}{status, parts})
	return nil
}
