package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/threerings/threerings/ari"
	asteriskconf "github.com/threerings/threerings/asterisk-conf"
)

// asteriskInfo is the part of GET /asterisk/info that matters.
type asteriskInfo struct {
	System struct {
		Version string `json:"version"`
	} `json:"system"`
	Config struct {
		SetID struct {
			User string `json:"user"`
		} `json:"setid"`
	} `json:"config"`
}

const (
	notReached    = "not looked at, since there is no log-in to Asterisk"
	largestAnswer = 8 << 20
)

// ari sends one request to Asterisk.
func (p *patient) ari(ctx context.Context, method, path string) (status int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, p.s.Asterisk.URL+"/ari"+path, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("asking Asterisk: %w", err)
	}
	req.SetBasicAuth(p.s.Asterisk.User, p.s.Asterisk.Password.Reveal())
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("asking Asterisk: %w", err)
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, largestAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("reading Asterisk's answer: %w", err)
	}
	return resp.StatusCode, body, nil
}

// get asks for JSON; anything but 200 is an error.
func (p *patient) get(ctx context.Context, path string, to any) error {
	status, body, err := p.ari(ctx, http.MethodGet, path)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("Asterisk answers %d", status)
	}
	if err := json.Unmarshal(body, to); err != nil {
		return fmt.Errorf("reading Asterisk's answer: %w", err)
	}
	return nil
}

func (p *patient) login(ctx context.Context) Result {
	a := p.s.Asterisk
	if a.Password == "" {
		return fail("set asterisk.password_file (or THREERINGS_ASTERISK_PASSWORD) to the password in ari.conf", "no password is set for user %q", a.User)
	}
	status, body, err := p.ari(ctx, http.MethodGet, "/asterisk/info")
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fail("start Asterisk, and see enabled, bindaddr and bindport in http.conf", "nothing listens at %s", a.URL)
	case errors.As(err, &dns):
		return fail("correct asterisk.url", "there is no host %q", dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fail("see whether Asterisk hangs (asterisk -rx 'core show uptime') or a firewall is between", "%s does not answer in time", a.URL)
	case err != nil:
		return fail("see asterisk.url, and whether that is Asterisk's HTTP port", "%s: %v", a.URL, err)
	}
	var info asteriskInfo
	isJSON := json.Unmarshal(body, &info) == nil
	switch {
	case status == http.StatusUnauthorized:
		return fail("compare asterisk.user and asterisk.password with ari.conf, then: asterisk -rx 'module reload res_ari.so'", "Asterisk refuses user %q (401)", a.User)
	case status == http.StatusForbidden:
		return fail("see the user's rights in ari.conf", "Asterisk does not let user %q in (403)", a.User)
	case status == http.StatusOK && isJSON && info.System.Version != "":
		p.info = &info
		return ok("user %q at %s", a.User, a.URL)
	}
	return fail("see asterisk.url; if it is right: enabled=yes in http.conf and ari.conf, and module res_ari loaded",
		"what answers at %s is not an Asterisk with ARI (HTTP %d)", a.URL, status)
}

func (p *patient) version(context.Context) Result {
	if p.info == nil {
		return skip(notReached)
	}
	v := p.info.System.Version
	switch {
	case strings.HasPrefix(v, "GIT-") && !asteriskconf.Enough(v):
		return warn("use a released version", "cannot tell the version from %q", v)
	case !asteriskconf.Enough(v):
		return fail("install Asterisk "+asteriskconf.Oldest+" or later", "%s is too old: its recordings would have one channel, and phones' transfer keys would move calls behind our back", v)
	}
	return ok("%s", v)
}

// rights asks for the removal of a bridge that is not there: 404 means that it
// could have been removed.
func (p *patient) rights(ctx context.Context) Result {
	if p.info == nil {
		return skip(notReached)
	}
	status, _, err := p.ari(ctx, http.MethodDelete, "/bridges/threerings-doctor")
	switch {
	case err != nil:
		return fail("see Asterisk's log", "%v", err)
	case status == http.StatusForbidden:
		return fail("set read_only=no for this user in ari.conf", "user %q may only read", p.s.Asterisk.User)
	}
	return ok("user %q may control calls", p.s.Asterisk.User)
}

// manager is asked to mute the recording of a channel that is not there.
func (p *patient) manager(ctx context.Context) Result {
	if p.info == nil {
		return skip(notReached)
	}
	a := p.s.Asterisk
	m := ari.Manager{URL: a.URL, User: a.User, Password: a.Password.Reveal(), HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	if err := m.Check(ctx); err != nil {
		return warn("see manager.conf (threerings asterisk-conf writes it), then: asterisk -rx 'manager reload'",
			"recordings cannot be muted at once while card data is spoken, only silenced when they are kept: %v", err)
	}
	return ok("user %q may mute recordings", a.User)
}

// neededModules carry calls. The names follow asterisk-conf/modules.go; what is
// there beyond these is comfort.
var neededModules = strings.Fields(`
	app_channelredirect app_dial app_mixmonitor app_playback app_stasis pbx_config
	bridge_native_rtp bridge_simple bridge_softmix
	chan_pjsip codec_alaw codec_resample codec_ulaw format_sln format_wav
	func_callerid func_channel func_export func_global func_logic func_sprintf func_strings func_volume
	res_ari res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels res_ari_device_states
	res_ari_endpoints res_ari_events res_ari_model res_ari_playbacks res_ari_recordings
	res_http_websocket res_musiconhold
	res_pjsip res_pjsip_authenticator_digest res_pjsip_caller_id res_pjsip_endpoint_identifier_ip
	res_pjsip_endpoint_identifier_user res_pjsip_nat res_pjsip_registrar res_pjsip_sdp_rtp res_pjsip_session
	res_rtp_asterisk res_sorcery_astdb res_sorcery_config
	res_stasis res_stasis_answer res_stasis_device_state res_stasis_playback res_stasis_recording res_stasis_snoop
	res_timing_timerfd
`)

func (p *patient) modules(ctx context.Context) Result {
	if p.info == nil {
		return skip(notReached)
	}
	var loaded []struct {
		Name   string `json:"name"`
		Status string `json:"status"`
	}
	if err := p.get(ctx, "/asterisk/modules", &loaded); err != nil {
		return fail("load the module res_ari_asterisk", "cannot list the modules: %v", err)
	}
	running := map[string]bool{}
	for _, m := range loaded {
		if strings.EqualFold(m.Status, "Running") {
			running[strings.TrimSuffix(m.Name, ".so")] = true
		}
	}
	var missing []string
	for _, name := range neededModules {
		if !running[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fail("load them in modules.conf; what the distribution split off is in packages such as asterisk-modules",
			"%d of %d are not running: %s", len(missing), len(neededModules), strings.Join(missing, " "))
	}
	return ok("all %d that are needed are running", len(neededModules))
}

func (p *patient) application(ctx context.Context) Result {
	if p.info == nil {
		return skip(notReached)
	}
	status, _, err := p.ari(ctx, http.MethodGet, "/applications/"+url.PathEscape(p.s.Asterisk.App))
	switch {
	case err != nil:
		return fail("see Asterisk's log", "%v", err)
	case status == http.StatusOK:
		return ok("%q is connected", p.s.Asterisk.App)
	case status == http.StatusNotFound:
		return warn("start it: threerings serve", "%q is not connected: callers meet the dialplan's fallback", p.s.Asterisk.App)
	}
	return fail("load the module res_ari_applications", "Asterisk answers %d", status)
}

// codecs: recordings are written at the rate of the customer's leg, so that
// has to be 8 kHz (facts 3.2).
func (p *patient) codecs(ctx context.Context) Result {
	if p.info == nil {
		return skip(notReached)
	}
	var fields []struct {
		Attribute string `json:"attribute"`
		Value     string `json:"value"`
	}
	if err := p.get(ctx, "/asterisk/config/dynamic/res_pjsip/endpoint/trunk", &fields); err != nil {
		return skip("cannot be seen through ARI (%v): endpoint trunk in pjsip.conf has to allow ulaw and alaw only", err)
	}
	for _, f := range fields {
		if f.Attribute != "allow" {
			continue
		}
		codecs := strings.FieldsFunc(f.Value, func(r rune) bool { return strings.ContainsRune("()|, ", r) })
		other := slices.DeleteFunc(slices.Clone(codecs), func(c string) bool { return c == "ulaw" || c == "alaw" })
		switch {
		case len(codecs) == 0:
			return fail("disallow=all and allow=ulaw,alaw in pjsip.conf", "endpoint trunk allows no codec")
		case len(other) > 0:
			return fail("disallow=all and allow=ulaw,alaw in pjsip.conf", "endpoint trunk also allows %s; recordings need 8 kHz on every call", strings.Join(other, ", "))
		}
		return ok("endpoint trunk allows %s", strings.Join(codecs, ", "))
	}
	return skip("Asterisk does not tell the codecs of endpoint trunk: pjsip.conf has to allow ulaw and alaw only")
}
