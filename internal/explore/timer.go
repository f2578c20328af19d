//go:build explore

package explore

import (
	"time"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// A clockState is the clock of one run, and its timers.
type clockState struct {
	now    time.Duration // since epoch
	timers []deadline    // that are set, in the order of setting
	anchor byte          // its address stands for the clock
}

type deadline struct {
	timer *atomicx.Timer
	at    time.Duration
}

// epoch is when each run begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (r *run) clockWord() unsafe.Pointer { return unsafe.Pointer(&r.anchor) }

// Now implements atomicx.Extended.
func (r *run) Now() time.Time {
	r.pause(op{kind: atomicx.KindNow, addr: r.clockWord()}, nil)
	return epoch.Add(r.now)
}

// Set implements atomicx.Extended.
func (r *run) Set(t *atomicx.Timer, d time.Duration) {
	r.pause(op{kind: atomicx.KindTimer, addr: r.clockWord()}, nil)
	r.timers = append(r.timers, deadline{t, r.now + max(d, 0)})
}

// Unset implements atomicx.Extended.
func (r *run) Unset(t *atomicx.Timer) bool {
	r.pause(op{kind: atomicx.KindTimer, addr: r.clockWord()}, nil)
	for i, d := range r.timers {
		if d.timer == t {
			r.timers = append(r.timers[:i], r.timers[i+1:]...)
			return true
		}
	}
	return false
}

// tick lets the timer go off that is due first, of several the one that was set first (W4).
func (r *run) tick() {
	first := 0
	for i, d := range r.timers {
		if d.at < r.timers[first].at {
			first = i
		}
	}
	d := r.timers[first]
	r.timers = append(r.timers[:first], r.timers[first+1:]...)
	r.now = max(r.now, d.at)
	r.writes++
	d.timer.Tick(epoch.Add(r.now))
}
