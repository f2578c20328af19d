package commit

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// childEnv, set to "WAY FILE PATH", makes this binary a process that commits records until it is killed.
const childEnv = "FENCERT_COMMIT_CHILD"

func TestMain(m *testing.M) {
	if work := os.Getenv(childEnv); work != "" {
		if err := child(work); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) // it was to be killed
	}
	os.Exit(m.Run())
}

const (
	childWriters  = 8
	reportBytes   = 16 // the end of an acknowledged record, and its number
	largestRecord = 700
)

// A volatileFile loses what isn't synced when its process dies, as a machine does that loses power; killing a process alone
// leaves the kernel's copy of what was written. Sync writes in small pieces, so that it is often cut off.
type volatileFile struct {
	*os.File
	unsynced []byte
}

func (v *volatileFile) Write(b []byte) (int, error) {
	v.unsynced = append(v.unsynced, b...)
	return len(b), nil
}

func (v *volatileFile) Sync() error {
	for len(v.unsynced) > 0 {
		n := min(len(v.unsynced), 1+rand.IntN(200))
		if _, err := v.File.Write(v.unsynced[:n]); err != nil {
			return err
		}
		v.unsynced = v.unsynced[n:]
	}
	return v.File.Sync()
}

// child opens the log and commits records from several goroutines. It tells of each that was acknowledged.
func child(work string) error {
	var way, file, path string
	if _, err := fmt.Sscan(work, &way, &file); err != nil {
		return err
	}
	path = strings.SplitN(work, " ", 3)[2]
	mark, err := wayOf(way).New(childWriters)
	if err != nil {
		return err
	}
	f, whole, _, err := openFile(path)
	if err != nil {
		return err
	}
	var target File = f
	if file == "volatile" {
		target = &volatileFile{File: f}
	}
	l := New(target, whole, mark)
	failed := make(chan error)
	for id := range uint64(childWriters) {
		go func() { failed <- commitForever(l, id<<48|uint64(os.Getpid())<<24) }()
	}
	return <-failed
}

// commitForever commits records with rising numbers and reports each. Reports are short enough for the pipe to take whole.
func commitForever(l *Log, number uint64) error {
	payload := make([]byte, largestRecord)
	var report [reportBytes]byte
	for ; ; number++ {
		p := payload[:8+number%(largestRecord-8)]
		fill(p, number)
		end, err := l.Commit(context.Background(), p)
		if err != nil {
			return err
		}
		binary.LittleEndian.PutUint64(report[:], end)
		binary.LittleEndian.PutUint64(report[8:], number)
		if _, err := os.Stdout.Write(report[:]); err != nil {
			return err
		}
	}
}

func wayOf(name string) Way {
	for _, w := range Ways {
		if w.Name == name {
			return w
		}
	}
	panic("no way of waiting is called " + name)
}

// TestKilled kills a process that commits, again and again on one file: all that was ever acknowledged is in it, whole.
// The second kind of file stands for a loss of power.
func TestKilled(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	for _, w := range Ways {
		for _, file := range []string{"plain", "volatile"} {
			t.Run("impl="+w.Name+"/file="+file, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "log")
				acknowledged, torn := map[uint64]uint64{}, 0
				for round := range rounds {
					before, early := len(acknowledged), round%4 == 3
					killOne(t, w.Name+" "+file+" "+path, early, acknowledged)
					if len(acknowledged) == before && !early {
						t.Errorf("round %d: nothing was acknowledged before the end", round)
					}
					if lookInto(t, path, acknowledged) {
						torn++
					}
				}
				t.Logf("%d records acknowledged; %d of %d times the end was torn", len(acknowledged), torn, rounds)
			})
		}
	}
}

// killOne starts a process, lets it commit for a while and kills it; early: while it starts, opens the file, or begins. What it has
// acknowledged is added, as number by end.
func killOne(t *testing.T, work string, early bool, acknowledged map[uint64]uint64) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childEnv+"="+work)
	var complaint strings.Builder
	c.Stderr = &complaint
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(pipe)
	if !early {
		giveUp := time.AfterFunc(20*time.Second, func() { _ = c.Process.Kill() })
		_, _ = r.Peek(reportBytes)
		giveUp.Stop()
	}
	time.AfterFunc(time.Duration(rand.Int64N(int64(30*time.Millisecond))), func() { _ = c.Process.Kill() })
	for {
		var report [reportBytes]byte
		if _, err := io.ReadFull(r, report[:]); err != nil {
			break // killed; half a report is none
		}
		acknowledged[binary.LittleEndian.Uint64(report[:])] = binary.LittleEndian.Uint64(report[8:])
	}
	_ = c.Wait()
	if complaint.Len() > 0 {
		t.Fatalf("it ended by itself: %s", complaint.String())
	}
}

// lookInto reads the file and looks for all that was acknowledged. It tells whether the end is torn.
func lookInto(t *testing.T, path string, acknowledged map[uint64]uint64) (torn bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found, want := 0, make([]byte, largestRecord)
	whole, err := Scan(bufio.NewReader(f), func(end uint64, payload []byte) error {
		number, ok := acknowledged[end]
		if !ok {
			return nil // written, and killed before it was told
		}
		found++
		w := want[:8+number%(largestRecord-8)]
		if fill(w, number); string(w) != string(payload) {
			return fmt.Errorf("%w: record %d, which ends at %d, isn't what was committed", ErrLost, number, end)
		}
		return nil
	})
	torn = strings.Contains(fmt.Sprint(err), ErrTorn.Error())
	if err != nil && !torn {
		t.Error(err)
	}
	if found != len(acknowledged) {
		t.Errorf("%d of %d acknowledged records are whole in the file, which is so up to %d: %v", found, len(acknowledged), whole, err)
	}
	return torn
}
