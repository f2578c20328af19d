//go:build explore

package fencert

import (
	"testing"

	"github.com/fencert/fencert/internal/explore"
)

// A world is a small runtime for one schedule.
type world struct {
	rt   *Runtime
	c    *FenceContext
	note Handler
	ran  [8]int     // calls of note, by argument; plain: threads of an exploration never run at once
	got  [8][]error // and the results
}

// tiny leaves room for two fences, so that what is freed is used again within the schedule.
var tiny = Config{Fences: 2, Callbacks: 4, Waiters: 2, Readers: 1, Errors: 4}

func newWorld(config Config) *world {
	if config.Retired == 0 {
		config.Retired = 8 // the default is most of what a schedule allocates
	}
	w := &world{rt: must(New(config))}
	w.rt.stripes = w.rt.stripes[:1]
	w.c = must(w.rt.NewFenceContext("driver", "timeline"))
	w.note = must(w.rt.Handler(func(_ *Local, arg uint64, err error) {
		w.ran[arg]++
		w.got[arg] = append(w.got[arg], err)
	}))
	return w
}

func (w *world) arm(l *Local) Issuer { return l.Arm(must(l.Reserve()), w.c) }

// end checks that everything is free again. Runtimes are registered, so each schedule ends with this.
func (w *world) end() {
	t := &asserting{}
	settled(t, w.rt)
	unregister(w.rt)
}

// asserting makes a failed check the schedule's failure.
type asserting struct{ testing.TB }

func (*asserting) Helper() {}

func (*asserting) Errorf(format string, args ...any) { explore.Assert(false, format, args...) }

// search explores a scenario; check is what holds at its end, besides that nothing leaks. The registry is emptied even
// when a schedule fails.
func search(t *testing.T, preemptions int, config Config, scenario func(s *explore.Scenario, w *world) (check func())) {
	t.Helper()
	searchWith(t, explore.Options{Preemptions: preemptions}, config, scenario)
}

// searchBuffered is search where release stores wait in a buffer, as on amd64.
func searchBuffered(t *testing.T, preemptions int, config Config, scenario func(s *explore.Scenario, w *world) (check func())) {
	t.Helper()
	searchWith(t, explore.Options{Preemptions: preemptions, StoreBuffers: true}, config, scenario)
}

func searchWith(t *testing.T, options explore.Options, config Config, scenario func(s *explore.Scenario, w *world) (check func())) {
	t.Helper()
	before := runtimes.Load()
	defer runtimes.Store(before)
	explore.Test(t, options, func(s *explore.Scenario) {
		w := newWorld(config)
		check := scenario(s, w)
		s.Finally(func() {
			if check != nil {
				check()
			}
			w.end()
		})
	})
}

// local runs f with a Local of its own, which is closed at the end.
func (w *world) local(f func(l *Local)) func() {
	return func() {
		l := w.rt.newLocal()
		f(l)
		l.giveBack()
	}
}

func assertOneOf(what string, got error, want ...error) {
	for _, e := range want {
		if got == e {
			return
		}
	}
	explore.Assert(false, "%s: %v, want one of %v", what, got, want)
}
