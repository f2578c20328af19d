//go:build explore

package explore

import (
	"math"
	"time"
)

// Limits of shortening.
const (
	shortenRuns = 2_000
	shortenTime = 2 * time.Second
)

// guide follows hints as far as they can be followed: one that names who can't go on is left out, and after the last
// one the default is taken.
type guide struct{ hints []step }

func (g *guide) take(_ *run, c *choice) uint8 {
	for len(g.hints) > 0 {
		h := g.hints[0]
		if c.value != (h >= agents) {
			if c.value {
				return 0 // a value that the hints don't know of
			}
			g.hints = g.hints[1:]
			continue
		}
		g.hints = g.hints[1:]
		for k := range c.count {
			if x := *c; true {
				x.taken = k
				if x.step() == h {
					return k
				}
			}
		}
		if c.value {
			return 0
		}
	}
	return 0
}

// A shortener looks for a simpler schedule that fails for the same reason.
type shortener struct {
	best *Failure
	x    *run
	runs int
	end  time.Time
}

// explained is the failure after shortening, printed.
func explained(f *Failure, o Options, scenario func(*Scenario)) *Failure {
	o.Mode, o.Preemptions = Bounded, -1
	found := f.Trace
	if !o.KeepSchedule {
		s := &shortener{best: f, x: newRun(o, scenario), end: time.Now().Add(shortenTime)}
		s.shorten()
		s.x.close()
		f = s.best
	}
	x := newRun(o, scenario)
	defer x.close()
	x.prefix, x.noting = f.schedule, true
	x.execute()
	if x.failure == nil || x.failure.class != f.class {
		f.Reason += "\n(the same schedule doesn't fail again: the scenario isn't deterministic)"
		x.failure = f
	}
	x.failure.Found = found
	return x.failure
}

// cost is what is made less: switches between agents, then steps.
func cost(schedule []step) int {
	switches := 0
	for i := 1; i < len(schedule); i++ {
		if schedule[i] != schedule[i-1] {
			switches++
		}
	}
	return switches*math.MaxUint16 + len(schedule)
}

// try runs the hints and keeps the schedule that comes of it when it is a better one.
func (s *shortener) try(hints []step) bool {
	if s.runs++; s.runs > shortenRuns || time.Now().After(s.end) {
		return false
	}
	s.x.strategy = &guide{hints}
	s.x.execute()
	f := s.x.failure
	if f == nil || f.class != s.best.class || cost(f.schedule) >= cost(s.best.schedule) {
		return false
	}
	s.best = f
	return true
}

// shorten leaves out what can be left out, until nothing can: all from a switch on, one stay of an agent, or the
// switch that separates two stays of one agent, by moving either to the other.
func (s *shortener) shorten() {
	for again := true; again; {
		again = false
		for i := 0; ; i++ {
			stays := split(s.best.schedule)
			if i >= len(stays) {
				break
			}
			again = s.try(join(stays[:i])) || s.try(join(stays[:i], stays[i+1:])) || again
			for k := i + 2; k < len(stays); k++ {
				if stays[k][0] == stays[i][0] {
					again = s.try(join(stays[:i+1], stays[k:k+1], stays[i+1:k], stays[k+1:])) ||
						s.try(join(stays[:i], stays[i+1:k], stays[i:i+1], stays[k:])) || again
					break
				}
			}
		}
		if s.runs > shortenRuns || time.Now().After(s.end) {
			return
		}
	}
}

// split cuts the schedule where it switches.
func split(schedule []step) (stays [][]step) {
	for i := 0; i < len(schedule); {
		n := i
		for n < len(schedule) && schedule[n] == schedule[i] {
			n++
		}
		stays = append(stays, schedule[i:n])
		i = n
	}
	return stays
}

func join(parts ...[][]step) (schedule []step) {
	for _, p := range parts {
		for _, stay := range p {
			schedule = append(schedule, stay...)
		}
	}
	return schedule
}
