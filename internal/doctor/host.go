package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/threerings/threerings/internal/centre"
)

const (
	oldestPostgres = 13
	clocksApart    = 2 * time.Second
	enoughFiles    = 4096
	fewestFiles    = 1024
)

func (p *patient) postgres(ctx context.Context) Result {
	if p.s.DatabaseURL == "" {
		return p.privatePostgres()
	}
	f, err := p.m.postgres(ctx, p.s.DatabaseURL.Reveal())
	switch {
	case err != nil: // pgx leaves the password out
		return fail("see that it runs, and that database_url has the right host, user, password and name", "%s: %s", p.s.DatabaseURL, oneLine(err))
	case f.version < oldestPostgres*10000:
		return fail("upgrade it to Postgres 13 or later", "version %d is too old", f.version/10000)
	case f.readOnly:
		return fail("name the primary in database_url, not a standby", "it can only be read")
	case !f.creates:
		return fail("grant create on its schema to the user in database_url", "we may not make tables in it")
	case f.ahead.Abs() >= clocksApart:
		return fail("let NTP keep both clocks", "its clock is %s from ours", f.ahead.Round(time.Millisecond))
	}
	return ok("version %d at %s, clock %s from ours", f.version/10000, p.s.DatabaseURL, f.ahead.Round(time.Millisecond))
}

// privatePostgres looks for what `serve` runs when database_url is empty, in
// the places where it looks too.
func (p *patient) privatePostgres() Result {
	for _, initdb := range p.m.glob("/usr/lib/postgresql/*/bin/initdb") {
		if _, err := os.Stat(filepath.Join(filepath.Dir(initdb), "postgres")); err == nil {
			return ok("a private one, from %s", filepath.Dir(initdb))
		}
	}
	if initdb, err := p.m.program("initdb"); err == nil {
		return ok("a private one, from %s", filepath.Dir(initdb))
	}
	return fail("install the package postgresql, or set database_url to a server of yours", "no server is installed, and database_url is not set")
}

func (p *patient) redis(ctx context.Context) Result {
	if p.s.RedisURL == "" {
		return ok("not used: redis_url is not set, one node needs none")
	}
	version, err := p.m.redis(ctx, p.s.RedisURL.Reveal())
	if err != nil {
		return fail("see that it runs and redis_url is right, or leave redis_url empty if there is one node", "%s: %s", p.s.RedisURL, oneLine(err))
	}
	return ok("%s at %s", version, p.s.RedisURL)
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// clock: rings are counted and days begin by it (R1.3).
func (p *patient) clock(context.Context) Result {
	now := p.m.now()
	if now.Year() < 2025 || now.Year() > 2200 {
		return fail("set the clock, and let NTP keep it", "it shows %s", now.Format(time.DateOnly))
	}
	kept, err := p.m.clock()
	switch {
	case err != nil:
		return skip("the kernel does not tell: %v", err)
	case !kept:
		return warn("run chrony or systemd-timesyncd (in a container: on its host)", "%s, but nothing keeps it right", now.Format(time.RFC3339))
	}
	return ok("%s, kept by NTP", now.Format(time.RFC3339))
}

func (p *patient) timeZone(context.Context) Result {
	zone := centre.DefaultTimeZone
	if p.s.Centre != "" {
		text, err := os.ReadFile(p.s.Centre)
		if err != nil {
			return fail("correct the setting centre", "%v", err)
		}
		c, err := centre.Parse(p.s.Centre, text)
		if err != nil {
			return fail("correct the file; threerings apply shows the same messages", "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
		}
		zone = c.TimeZone
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return fail("install the package tzdata", "%s: %v", zone, err)
	}
	return ok("%s", zone)
}

func (p *patient) httpAddress(ctx context.Context) Result {
	served := 0
	for _, addr := range p.s.HTTP.Addr {
		err := p.m.listen(addr)
		switch {
		case err == nil:
		case errors.Is(err, syscall.EADDRINUSE) && p.healthy(ctx, addr):
			served++
		case errors.Is(err, syscall.EADDRINUSE):
			return fail("stop what uses it (ss -ltnp), or choose another address in http.addr", "%s is taken by another program", addr)
		case errors.Is(err, syscall.EACCES):
			return fail("choose a port from 1024, or give the program the capability cap_net_bind_service", "%s may not be used by this account", addr)
		case errors.Is(err, syscall.EADDRNOTAVAIL):
			return fail("choose an address of this machine in http.addr", "%s is not an address of this machine", addr)
		default:
			return fail("correct http.addr", "%s: %v", addr, err)
		}
	}
	if served > 0 {
		return ok("%s, served by a running threerings", strings.Join(p.s.HTTP.Addr, ", "))
	}
	return ok("%s, free", strings.Join(p.s.HTTP.Addr, ", "))
}

// healthy reports whether an address answers as a threerings does.
func (p *patient) healthy(ctx context.Context, addr string) bool {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http"
	if p.s.HTTP.TLSCert != "" {
		scheme = "https"
	}
	u := url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port), Path: "/healthz"}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return false
	}
	// The certificate is made out to a name, and we ask an address of our own.
	client := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (p *patient) openFiles(context.Context) Result {
	soft, hard, err := p.m.openFiles()
	const mend = "LimitNOFILE=65536 in the systemd unit, or ulimit -n 65536 before the start"
	switch {
	case err != nil:
		return skip("%v", err)
	case soft < fewestFiles:
		return fail(mend, "at most %d (hard limit %d)", soft, hard)
	case soft < enoughFiles:
		return warn(mend, "at most %d (hard limit %d); %d are wanted", soft, hard, enoughFiles)
	}
	return ok("at most %d", soft)
}

func (p *patient) speech(context.Context) Result {
	path, err := p.m.program("espeak-ng")
	if err != nil {
		return warn("install the package espeak-ng, or put recorded prompts into asterisk.sounds", "espeak-ng is not installed: prompts are tones instead of words")
	}
	return ok("%s", path)
}
