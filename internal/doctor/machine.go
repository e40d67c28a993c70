package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sys/unix"

	"github.com/threerings/threerings/internal/disk"
)

// machine is what the checks ask of the world besides HTTP and plain files.
type machine struct {
	free      func(path string) (bytes uint64, err error)
	openFiles func() (soft, hard uint64, err error)
	clock     func() (synchronised bool, err error)
	now       func() time.Time
	program   func(name string) (path string, err error)
	glob      func(pattern string) []string
	listen    func(addr string) error
	uid       func(account string) (uid uint32, known bool)
	postgres  func(ctx context.Context, url string) (postgresFacts, error)
	redis     func(ctx context.Context, url string) (version string, err error)
}

type postgresFacts struct {
	version  int // server_version_num
	readOnly bool
	creates  bool          // we may make tables in the current schema
	ahead    time.Duration // the server's clock against ours
}

func thisMachine() machine {
	return machine{
		free: disk.Free, openFiles: openFiles, clock: clockState, now: time.Now, program: exec.LookPath,
		glob:   func(pattern string) []string { found, _ := filepath.Glob(pattern); return found }, // only a bad pattern is an error
		listen: tryListen, uid: lookUpUID, postgres: askPostgres, redis: askRedis,
	}
}

func openFiles() (soft, hard uint64, err error) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, 0, fmt.Errorf("asking for the limit of open files: %w", err)
	}
	return l.Cur, l.Max, nil
}

// clockState asks the kernel whether something keeps its clock right.
func clockState() (bool, error) {
	var t unix.Timex // Modes zero: only look
	state, err := unix.Adjtimex(&t)
	if err != nil {
		return false, fmt.Errorf("asking the kernel about its clock: %w", err)
	}
	return state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0, nil
}

func tryListen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return l.Close()
}

func lookUpUID(account string) (uint32, bool) {
	u, err := user.Lookup(account)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(u.Uid, 10, 32)
	return uint32(n), err == nil
}

func askPostgres(ctx context.Context, url string) (f postgresFacts, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return f, err
	}
	defer conn.Close(ctx)
	before := time.Now()
	var there time.Time
	if err := conn.QueryRow(ctx, `select clock_timestamp()`).Scan(&there); err != nil {
		return f, fmt.Errorf("asking for its time: %w", err)
	}
	f.ahead = there.Sub(before.Add(time.Since(before) / 2))
	err = conn.QueryRow(ctx, `select current_setting('server_version_num')::int,
		pg_is_in_recovery() or current_setting('transaction_read_only')::bool,
		coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)`).Scan(&f.version, &f.readOnly, &f.creates)
	if err != nil {
		return f, fmt.Errorf("asking for its version: %w", err)
	}
	return f, nil
}

func askRedis(ctx context.Context, url string) (version string, err error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return "", errors.New("the address cannot be read") // go-redis would repeat it, password and all
	}
	o.MaxRetries = -1
	c := redis.NewClient(o)
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.Ping(ctx).Err(); err != nil {
		return "", err
	}
	info, err := c.InfoMap(ctx, "server").Result()
	if err != nil {
		return "of unknown version", nil // INFO may be forbidden; it is not needed
	}
	return info["Server"]["redis_version"], nil
}
