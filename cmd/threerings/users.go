package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/postgres"
	"github.com/threerings/threerings/queue"
)

// users keeps the accounts of the pages.
func users(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("user", flag.ContinueOnError)
	ledger := newLedgerFlags(flags)
	role := flags.String("role", string(dashboard.Supervisor), "supervisor, agent, qa or administrator")
	final := flags.Bool("final", false, "the user keeps this password; else it is a first one, good for choosing another")
	agent := flags.String("agent", "", "the agent that this user is on the phone (role agent)")
	teams := flags.String("teams", "", "a supervisor sees and acts on the agents of these teams of centre.yaml alone, such as day,night")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: threerings user add|passwd|disable|totp-reset|list [flags] [NAME]\ntotp-reset ends a second factor whose phone and recovery codes are lost.\nThe password is read from the terminal, or from standard input.")
		flags.PrintDefaults()
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		flags.Usage()
		return errSaid
	}
	verb := args[0]
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	name := flags.Arg(0)
	if (name == "") != (verb == "list") {
		return fmt.Errorf("user %s: give the user's name after the flags", verb)
	}
	return withLedger(ctx, ledger, func(db *postgres.DB) error {
		switch verb {
		case "list":
			all, err := db.ListUsers(ctx)
			for _, u := range all {
				state := ""
				if u.Disabled {
					state = "disabled "
				}
				if len(u.Teams) > 0 {
					state += "teams " + strings.Join(u.Teams, ",") + " "
				}
				if u.SecondFactor {
					state += "second factor"
				}
				fmt.Fprintf(out, "%-20s %-12s %-10s %s\n", u.Name, u.Role, u.Agent, strings.TrimSpace(state))
			}
			return err
		case "add":
			if _, err := db.User(ctx, name); err == nil {
				return fmt.Errorf("user %s is there already: use user passwd %s", name, name)
			}
			if !slices.Contains(dashboard.Roles(), dashboard.Role(*role)) {
				return fmt.Errorf("--role %s: must be supervisor, agent, qa or administrator", *role)
			}
			limits, err := teamsGiven(ctx, db, *role, *teams)
			if err != nil {
				return err
			}
			return savePassword(ctx, db, "user.add", postgres.User{Name: name, Role: *role, Agent: queue.AgentID(*agent), Teams: limits, MustChange: !*final}, out)
		case "passwd", "disable", "totp-reset":
			u, err := db.User(ctx, name)
			if err != nil {
				return fmt.Errorf("user %s: %w", name, err)
			}
			if err := db.EndSessionsOf(ctx, name); err != nil {
				return err
			}
			if verb == "disable" {
				u.Disabled = true
				if err := db.SaveUser(ctx, u); err != nil {
					return err
				}
				return note(ctx, db, "user.disable", name)
			}
			if verb == "totp-reset" {
				if err := db.RemoveFactor(ctx, name); err != nil {
					return err
				}
				return note(ctx, db, "user.factor_reset", name)
			}
			u.Disabled, u.MustChange = false, !*final
			return savePassword(ctx, db, "user.password", u, out)
		}
		return fmt.Errorf("user %s: there are add, passwd, disable, totp-reset and list", verb)
	})
}

// teamsGiven are the teams of --teams, if the centre applied last has them.
func teamsGiven(ctx context.Context, db *postgres.DB, role, list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	if role != string(dashboard.Supervisor) {
		return nil, errors.New("--teams: only a supervisor is limited to teams")
	}
	stored, err := db.Centre(ctx)
	if err != nil {
		return nil, fmt.Errorf("--teams: which teams are there? %w: apply a centre.yaml first", err)
	}
	c, err := centre.Parse("centre.yaml", []byte(stored.Source))
	if err != nil {
		return nil, fmt.Errorf("--teams: the centre applied last cannot be read: %w", err)
	}
	teams := strings.Split(list, ",")
	for _, id := range teams {
		if !slices.ContainsFunc(c.Teams, func(t centre.Team) bool { return t.ID == id }) {
			return nil, fmt.Errorf("--teams: the centre has no team %q", id)
		}
	}
	return teams, nil
}

// savePassword asks for a password and stores the user; action is what the
// audit log calls it.
func savePassword(ctx context.Context, db *postgres.DB, action string, u postgres.User, out io.Writer) error {
	var password string
	if fd := int(os.Stdin.Fd()); term.IsTerminal(fd) {
		fmt.Fprintf(out, "password of %s: ", u.Name)
		text, err := term.ReadPassword(fd)
		fmt.Fprintln(out)
		if err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
		password = string(text)
	} else {
		text, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the password: %w", err)
		}
		password = strings.TrimRight(text, "\r\n")
	}
	if len(password) < 8 {
		return fmt.Errorf("the password must have at least 8 characters")
	}
	var err error
	if u.PasswordHash, err = dashboard.HashPassword(password); err != nil {
		return err
	}
	if err := db.SaveUser(ctx, u); err != nil {
		return err
	}
	return note(ctx, db, action, u.Name, u.Role, string(u.Agent), strings.Join(u.Teams, ","))
}

// note writes into the audit log what a command did, or is about to show, by
// whom: the account of the operating system.
func note(ctx context.Context, db *postgres.DB, action, subject string, asked ...string) error {
	name := strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return db.Note(ctx, postgres.Noted{At: time.Now(), Who: name, Role: "operator", Address: "command", Action: action, Subject: subject, Detail: strings.TrimSpace(strings.Join(asked, " ")), Outcome: "done"})
}
