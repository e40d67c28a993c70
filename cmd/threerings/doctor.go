package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	asteriskconf "github.com/threerings/threerings/asterisk-conf"
	"github.com/threerings/threerings/internal/doctor"
	"github.com/threerings/threerings/internal/settings"
)

// examine checks what a deployment needs.
func examine(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print one JSON object")
	set, err := settings.Load(flags, args, os.Environ())
	if err != nil {
		return err
	}
	var failed error
	each := func(r doctor.Result) {
		if !*asJSON && failed == nil {
			failed = doctor.Write(out, r, isTerminal(out))
		}
	}
	results := doctor.Run(ctx, doctor.Checks(set), each)
	if *asJSON {
		failed = doctor.WriteJSON(out, results)
	}
	if failed == nil && doctor.ExitCode(results) != 0 {
		return errSaid
	}
	return failed
}

// renderAsterisk writes the configuration of an Asterisk of our own.
func renderAsterisk(_ context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("asterisk-conf", flag.ContinueOnError)
	var p asteriskconf.Params
	flags.StringVar(&p.Dir, "dir", "", "folder of the instance, absolute; configuration goes to etc/asterisk in it")
	flags.StringVar(&p.ARIPassword, "ari-password", os.Getenv("THREERINGS_ASTERISK_PASSWORD"), "password of the ARI user; better in THREERINGS_ASTERISK_PASSWORD")
	flags.StringVar(&p.SIPHost, "sip-host", "127.0.0.1", "address that SIP and audio use")
	flags.IntVar(&p.SIPPort, "sip-port", 5060, "UDP port of SIP")
	flags.IntVar(&p.HTTPPort, "http-port", 8088, "port of ARI, on loopback")
	flags.IntVar(&p.ManagerPort, "manager-port", 5038, "port of Asterisk's manager, on loopback; not used, but another for each Asterisk of a machine")
	flags.IntVar(&p.RTPFirst, "rtp-first", 10000, "first UDP port of audio")
	flags.IntVar(&p.RTPLast, "rtp-last", 19999, "last UDP port of audio")
	flags.StringVar(&p.Country, "country", "cn", "whose tones callers hear")
	flags.Func("trunk", "address or network that calls are taken from; may be given more than once", func(v string) error {
		p.TrunkNetworks = append(p.TrunkNetworks, v)
		return nil
	})
	flags.StringVar(&p.Trunk, "out", "", "host:port where numbers outside are called; empty: nowhere")
	flags.DurationVar(&p.RTPTimeout, "silence", 30*time.Second, "a caller who sends no sound for so long is hung up; longer for a trunk that suppresses silence")
	flags.DurationVar(&p.HoldTimeout, "hold", 15*time.Minute, "the same for a caller whose phone holds us")
	flags.Func("fallback", "dial string rung while no threerings is connected, such as PJSIP/1001; may be given more than once", func(v string) error {
		p.FallbackMembers = append(p.FallbackMembers, v)
		return nil
	})
	flags.DurationVar(&p.RescueAfter, "rescue-after", 20*time.Second, "without a sign of life of threerings for so long, callers who wait go to the fallback")
	flags.DurationVar(&p.RetryFor, "retry-for", 5*time.Second, "how long a new caller rings while threerings is not connected, before the fallback")
	if err := parse(flags, args); err != nil {
		return err
	}
	var err error
	if p.Prefix, err = asteriskconf.Find(asteriskconf.CacheDir()); err != nil {
		return err
	}
	if err := asteriskconf.Render(p); err != nil {
		return err
	}
	fmt.Fprintf(out, "configuration written to %s/etc/asterisk\nrun it: %v\n", p.Dir, p.Prefix.Argv("-f", "-C", p.Dir+"/etc/asterisk/asterisk.conf"))
	return nil
}
