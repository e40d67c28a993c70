package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/threerings/threerings/cmd/internal/box"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/disk"
	"github.com/threerings/threerings/internal/robot"
)

// secrets of the demonstration, made once so that a registered softphone still
// works at the next start.
type secrets struct {
	Supervisor string    `json:"supervisor"`
	Accounts   [2]string `json:"accounts"`
}

// demo runs a whole centre on loopback until it is told to end.
func demo(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	dir := flags.String("dir", ".threerings/demo", "folder of everything the demonstration keeps")
	http := flags.String("http", "127.0.0.1:8080", "address of the pages")
	sip := flags.String("sip", "127.0.0.1:5060", "address of SIP (UDP)")
	robots := flags.Int("robots", 8, "robot agents; 0: none, and no robot callers")
	perMinute := flags.Float64("calls", 0, "robot callers per minute; 0: as many as the robots can take")
	seed := flags.Uint64("seed", 1, "of the robots' chance")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *robots < 0 || *robots > 200 {
		return fmt.Errorf("--robots %d: must be 0 to 200", *robots)
	}
	folder := absolute(*dir)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("demo folder: %w", disk.Blame(err, folder))
	}
	unlock, err := lockFolder(folder)
	if err != nil {
		return err
	}
	defer unlock()
	if err := box.Room(folder, true); err != nil {
		return err
	}
	keys, err := demoSecrets(filepath.Join(folder, "secrets.json"))
	if err != nil {
		return err
	}
	logFile, err := os.OpenFile(filepath.Join(folder, "threerings.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	defer logFile.Close()
	log := slog.New(slog.NewTextHandler(orElse{logFile, os.Stderr}, nil))
	slog.SetDefault(log)

	phones, addresses, err := robotPhones(*robots)
	if err != nil {
		return err
	}
	customer, agent := voices(ctx, filepath.Join(folder, "voices"))
	// Whatever number outside is called, this one picks up.
	outside, err := robot.NewPhone(robot.PhoneOptions{User: "outside", Sound: customer,
		Behaviour: robot.Behaviour{Answer: 4 * time.Second, Talk: time.Minute}})
	if err != nil {
		return fmt.Errorf("robots: %w", err)
	}
	defer outside.Close()
	fmt.Fprintln(out, "starting Asterisk, Postgres and the centre …")
	b, err := box.Start(ctx, box.Options{Dir: folder, HTTP: *http, SIP: *sip, Trunk: outside.Addr().String(), Log: log, Fallback: []string{"PJSIP/1001", "PJSIP/1002"},
		Centre: centre.Demo(centre.DemoOptions{Robots: addresses, Passwords: keys.Accounts, Supervisor: keys.Supervisor})})
	if err != nil {
		return err
	}
	people := make(chan error, 1)
	crowdCtx, endCrowd := context.WithCancel(context.WithoutCancel(ctx))
	defer endCrowd()
	if *robots > 0 {
		crowd := demoCrowd(b.SIP, phones, customer, agent, *perMinute, *seed)
		go func() { people <- crowd.Run(crowdCtx) }()
	}
	banner(out, b, keys, *robots, folder)
	select {
	case <-ctx.Done():
		err = nil
	case <-b.Node.Ended():
		err = fmt.Errorf("the centre ended by itself: %w", b.Node.Err())
	case <-b.Asterisk.Ended():
		err = errors.New("Asterisk ended by itself; see its log in " + filepath.Join(folder, "asterisk", "log"))
	case err = <-people:
		if err != nil {
			err = fmt.Errorf("robots: %w", err)
		}
		*robots = 0
	}
	fmt.Fprintln(out, "\nstopping …")
	endCrowd()
	if *robots > 0 {
		if lost := <-people; lost != nil {
			log.Warn("robots", "err", lost)
		}
	}
	err = errors.Join(err, b.Close())
	fmt.Fprintln(out, "everything that was started is stopped")
	return err
}

// orElse is a log that goes on in the terminal when its file cannot be
// written: on a full disk that is all there is to be read.
type orElse struct{ first, second io.Writer }

func (w orElse) Write(p []byte) (int, error) {
	if n, err := w.first.Write(p); err == nil {
		return n, nil
	}
	return w.second.Write(p)
}

func banner(out io.Writer, b *box.Box, keys secrets, robots int, folder string) {
	who := fmt.Sprintf("%d robot agents take calls from robot callers", robots)
	if robots == 0 {
		who = "no robots: sign in with *11 and call 4000 from a second phone"
	}
	fmt.Fprintf(out, `
Threerings is open for business · 三声客服中心已开始营业

  wallboard   %[1]s/wallboard            大屏
  supervisor  %[1]s/login   user supervisor, password %[3]s

  SIP phones  register with %[2]s (UDP), any softphone on this machine
              account 1001  password %[4]s
              account 1002  password %[5]s
              *11 ready 示闲   *12+digit not ready 示忙   *13 signed out 签出   *14+digit what a call was about 登记
              numbers outside, of calls that agents place or hand on, are answered by a robot 呼出的外线号码由机器人接听
              dial 4000 技术支持 or 4001 销售咨询 to be a customer; no registration needed for that

  %[6]s
  state and logs are in %[7]s; Ctrl-C stops everything

`, b.URL, b.SIP, keys.Supervisor, keys.Accounts[0], keys.Accounts[1], who, folder)
}

// lockFolder makes sure that one demonstration runs in a folder.
func lockFolder(folder string) (func(), error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("demo folder: %w", disk.Blame(err, folder))
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("a demonstration runs in %s already: end it, or give this one another folder (--dir) and ports (--http, --sip)", folder)
	}
	return func() { f.Close() }, nil
}

func demoSecrets(path string) (s secrets, err error) {
	if data, err := os.ReadFile(path); err == nil && json.Unmarshal(data, &s) == nil && s.Supervisor != "" {
		return s, nil
	}
	word := func() string { return rand.Text()[:12] }
	s = secrets{Supervisor: word(), Accounts: [2]string{word(), word()}}
	data, err := json.Marshal(s)
	if err != nil {
		return s, fmt.Errorf("secrets: %w", err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return s, fmt.Errorf("secrets: %w", err)
	}
	return s, nil
}

// robotPhones finds addresses for n robots' phones.
func robotPhones(n int) ([]robot.AgentPhone, []string, error) {
	var phones []robot.AgentPhone
	var addresses []string
	for i := range n {
		c, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			return nil, nil, fmt.Errorf("ports for the robots: %w", err)
		}
		defer c.Close() // all stay taken until all are found
		addr := c.LocalAddr().String()
		addresses = append(addresses, addr)
		phones = append(phones, robot.AgentPhone{User: fmt.Sprint(2001 + i), Addr: addr})
	}
	return phones, addresses, nil
}

// demoCrowd is a lively but not overworked house.
func demoCrowd(sip string, phones []robot.AgentPhone, customer, agent *robot.Sound, perMinute float64, seed uint64) *robot.Crowd {
	if perMinute == 0 {
		perMinute = 0.9 * float64(len(phones))
	}
	return &robot.Crowd{Server: sip, Seed: seed,
		Callers: robot.CallerCrowd{Lines: 3 * len(phones), PerMinute: perMinute, Numbers: []string{"4000", "4000", "4001"},
			Patience: 45 * time.Second, Talk: 35 * time.Second, Sound: customer},
		Agents: robot.AgentCrowd{Phones: phones, PickUp: 4 * time.Second, PickUpMin: time.Second, Ignore: 0.03, HangUp: 0.15,
			Talk: 30 * time.Second, WrapUp: 6 * time.Second, ReadyCode: "*11", LeaveCode: "*13", Sound: agent}}
}
