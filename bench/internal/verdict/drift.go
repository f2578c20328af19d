package verdict

import (
	"fmt"
	"math"
	"slices"
)

// unit is the control row that all others are told in multiples of.
const unit = "AtomicAdd"

// moved tells that a control row isn't where it was, and which way it went.
func (r *Row) moved() int {
	switch {
	case r.P >= alphaControl || !r.beyond():
		return 0
	case r.Effect > 0:
		return 1
	}
	return -1
}

// drift looks at the control rows. It sets Drifted when the machine as a whole moved, and returns
// where only a benchmark's controls did, by benchmark and processors.
func (rep *Report) drift() map[string]bool {
	type seen struct{ up, down, all int }
	groups := map[string]*seen{}
	var logs []float64
	for i := range rep.Controls {
		r := &rep.Controls[i]
		where := r.bench() + "-" + r.cpus()
		g := groups[where]
		if g == nil {
			g = new(seen)
			groups[where] = g
		}
		g.all++
		switch m := r.moved(); {
		case m > 0:
			g.up++
		case m < 0:
			g.down++
		}
		if r.bench() == unit && r.moved() != 0 {
			rep.Drifted = fmt.Sprintf("the control row %s moved by %+.1f %%", r.Name, 100*r.Effect)
		}
		if r.Effect > -1 {
			logs = append(logs, math.Log1p(r.Effect))
		}
	}
	slices.Sort(logs)
	if n := len(logs); n > 0 && rep.Drifted == "" {
		if mid := math.Expm1((logs[(n-1)/2] + logs[n/2]) / 2); n >= 4 && math.Abs(mid) >= Least {
			rep.Drifted = fmt.Sprintf("the %d control rows moved by %+.1f %% in the middle", n, 100*mid)
		}
	}
	drifted := map[string]bool{}
	for where, g := range groups {
		drifted[where] = g.up == g.all || g.down == g.all
	}
	if len(rep.Controls) == 0 {
		rep.Remarks = append(rep.Remarks, "no control rows: a machine that moved looks like a change of the code")
	}
	return drifted
}
