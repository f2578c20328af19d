// Package quiet waits until a machine has nothing else to do, and says so when it does
// not come to that. A busy neighbor makes a measurement on two processors measure one.
package quiet

import (
	"context"
	"fmt"
	"io/fs"
	"time"
)

// A State is what a gate found.
type State int

// The states of a machine. The zero State is Unknown.
const (
	Unknown State = iota // this system does not tell
	Quiet                // other processes used less than the limit
	Busy                 // they did not, for as long as the gate was willing to wait
)

// String returns the word for a state.
func (s State) String() string {
	switch s {
	case Quiet:
		return "quiet"
	case Busy:
		return "not quiet"
	}
	return "unknown"
}

// A Report is what one wait found.
type Report struct {
	State  State
	Others float64       // share of all the machine's processor time used by others, last seen
	Waited time.Duration // beyond the one window that is always needed
}

// String describes the report in a few words.
func (r Report) String() string {
	if r.State == Unknown {
		return r.State.String()
	}
	return fmt.Sprintf("%s, others used %.1f %%", r.State, 100*r.Others)
}

// A Gate watches the machine. Create one with New; fields may be set before the first
// Wait. One goroutine at a time.
type Gate struct {
	Limit  float64       // the share that others may use, 0.02
	Window time.Duration // looked at in one go, 1 s
	Wait   time.Duration // longest wait of one round, 30 s
	Budget time.Duration // longest wait of all rounds together, 45 s

	root  fs.FS
	sleep func(context.Context, time.Duration) error
}

// New returns a gate that reads /proc under root.
func New(root fs.FS) *Gate {
	return &Gate{
		Limit: 0.02, Window: time.Second, Wait: 30 * time.Second, Budget: 45 * time.Second,
		root: root, sleep: sleep,
	}
}

// Pass blocks until others used less than the limit during one window, until the round's
// or the run's patience is used up, or until ctx ends, which alone is an error.
// It looks at least once.
func (g *Gate) Pass(ctx context.Context) (Report, error) {
	var r Report
	before, err := read(g.root)
	for err == nil {
		if err := g.sleep(ctx, g.Window); err != nil {
			return r, err
		}
		var after usage
		if after, err = read(g.root); err != nil {
			break
		}
		r.Others = after.othersSince(before)
		if before = after; r.Others < g.Limit {
			r.State = Quiet
			return r, nil
		}
		r.State = Busy
		if r.Waited+g.Window > g.Wait || g.Budget < g.Window {
			return r, nil
		}
		r.Waited += g.Window
		g.Budget -= g.Window
	}
	return Report{}, ctx.Err()
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Patience returns how long all waits that are to come may take together, beyond the windows.
func (g *Gate) Patience() time.Duration { return g.Budget }
