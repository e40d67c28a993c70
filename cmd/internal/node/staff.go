package node

import (
	"reflect"
	"slices"

	"github.com/threerings/threerings/dashboard"
	"github.com/threerings/threerings/internal/centre"
	"github.com/threerings/threerings/internal/postgres"
)

// staff is who may sign in: by the centre stored last, by the one to be
// stored, and by the ledger, where the operator may have changed a password or
// disabled somebody since. What a file does not change stays as it is there.
type staff struct {
	before, next []centre.User
	rows         []postgres.User
	readable     bool // false: before is not known, and nobody who is there is touched
}

func (s staff) changes() ([]postgres.UserChange, error) {
	var all []postgres.UserChange
	for _, u := range s.next {
		was, known := called(s.before, u.Name)
		i := slices.IndexFunc(s.rows, func(r postgres.User) bool { return r.Name == u.Name })
		there := i >= 0
		if there && (known && reflect.DeepEqual(was, u) || !s.readable) {
			continue
		}
		change := postgres.UserChange{Name: u.Name, Role: u.Role, Agent: u.Agent, Teams: u.Teams, Enable: !known}
		if !there || !known || was.Password != u.Password || was.PasswordHash != u.PasswordHash {
			hash := ""
			if there {
				hash = s.rows[i].PasswordHash
			}
			var err error
			if change.PasswordHash, err = hashOf(u, hash); err != nil {
				return nil, err
			}
		}
		all = append(all, change)
	}
	for _, u := range s.before {
		if _, stays := called(s.next, u.Name); !stays {
			all = append(all, postgres.UserChange{Name: u.Name, Gone: true})
		}
	}
	return all, nil
}

func called(users []centre.User, name string) (centre.User, bool) {
	i := slices.IndexFunc(users, func(u centre.User) bool { return u.Name == name })
	if i < 0 {
		return centre.User{}, false
	}
	return users[i], true
}

// hashOf is what is kept of a user's password; the old hash if it is the same
// one, since a new hash ends sessions.
func hashOf(u centre.User, old string) (string, error) {
	if u.PasswordHash != "" {
		return u.PasswordHash, nil
	}
	if same, err := dashboard.CheckPassword(old, u.Password); err == nil && same {
		return old, nil
	}
	return dashboard.HashPassword(u.Password)
}
