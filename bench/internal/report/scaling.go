package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/scaling"
	"github.com/fencert/fencert/bench/internal/schema"
)

// A scaled is a benchmark's speed-ups: one series per case and implementation.
type scaled struct {
	bench  string
	impls  []string
	series []scaling.Series
}

// scaledBy sorts speed-ups by benchmark, in the order of the tables. What has none is left out, and CPU counts
// beyond the machine's are.
func scaledBy(r *schema.Results, all []scaling.Series) []scaled {
	var list []scaled
	for _, t := range r.Tables {
		if t.Unit != "sec/op" {
			continue
		}
		s := scaled{bench: t.Benchmark, impls: t.Impls}
		for _, x := range all {
			x.Speedups = slices.DeleteFunc(slices.Clone(x.Speedups), func(u scaling.Speedup) bool { return u.Oversubscribed })
			if x.Bench == t.Benchmark && len(x.Speedups) > 1 {
				s.series = append(s.series, x)
			}
		}
		if len(s.series) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// caseOf names a series' case as the tables do.
func caseOf(s scaling.Series) string { return strings.ReplaceAll(s.Keys, "/", " ") }

// counts are the CPU counts that the speed-ups have, 1 among them.
func (s scaled) counts() []int {
	var n []int
	for _, x := range s.series {
		for _, u := range x.Speedups {
			if !slices.Contains(n, u.CPUs) {
				n = append(n, u.CPUs)
			}
		}
	}
	slices.Sort(n)
	return n
}

// fitted tells whether a curve of the Universal Scalability Law was fitted to some series.
func (s scaled) fitted() bool {
	return slices.ContainsFunc(s.series, func(x scaling.Series) bool { return x.NoCurve == nil })
}

// figure draws speed-ups with the ideal line: over CPU counts from three of them on, else a mark per case at the
// one count there is.
func (s scaled) figure() *figure {
	n := s.counts()
	if len(n) < 3 {
		return s.marks(n[len(n)-1])
	}
	roles := chart.Roles(s.impls)
	most := float64(n[len(n)-1])
	var ticks []chart.Tick
	ideal := chart.Series{Name: "ideal", Role: chart.Limit, Form: chart.Line}
	for _, x := range n {
		ticks = append(ticks, chart.Tick{At: float64(x), Label: fmt.Sprint(x)})
		ideal.Points = append(ideal.Points, chart.Point{X: float64(x), Y: float64(x)})
	}
	var panels []panel
	for _, x := range s.series {
		i := slices.IndexFunc(panels, func(p panel) bool { return p.Name == caseOf(x) })
		if i < 0 {
			i = len(panels)
			c := &chart.Chart{X: chart.Axis{Label: "CPUs", Ticks: ticks, Log: most >= 8}, Y: chart.Axis{Label: "speed-up"}}
			c.Title = title(s.bench, caseOf(x), "speed-up")
			c.Series = []chart.Series{ideal}
			panels = append(panels, panel{caseOf(x), c})
		}
		c := panels[i].Chart
		if x.NoCurve == nil {
			c.Series = append(c.Series, lawOf(x, most, roles[x.Impl]))
		}
		c.Series = append(c.Series, measured(x, roles[x.Impl]))
	}
	for _, p := range panels {
		p.Chart.Description = describe(p.Chart, "times as fast")
	}
	f := finish(s.impls, roles, panels)
	f.Legend = append([]entry{{"ideal", chart.Limit, true}}, f.Legend...)
	return f
}

func measured(x scaling.Series, role chart.Role) chart.Series {
	s := chart.Series{Name: x.Impl, Role: role}
	if x.NoCurve == nil {
		s.Form = chart.Shapes // the curve joins them
	}
	for _, u := range x.Speedups {
		s.Points = append(s.Points, chart.Point{X: float64(u.CPUs), Y: u.Times.Value, Low: u.Times.Low, High: u.Times.High})
	}
	return s
}

// lawOf draws the fitted curve, as speed-up against what was measured on one CPU.
func lawOf(x scaling.Series, most float64, role chart.Role) chart.Series {
	one := slices.Sorted(slices.Values(x.Points[0].Samples))
	base := (one[(len(one)-1)/2] + one[len(one)/2]) / 2
	s := chart.Series{Name: x.Impl + ", fitted", Role: role, Form: chart.Line}
	for i := range 41 {
		n := 1 + (most-1)*float64(i)/40
		s.Points = append(s.Points, chart.Point{X: n, Y: x.Curve.At(n) * base})
	}
	return s
}

// marks draws a line per implementation and a mark per case.
func (s scaled) marks(cpus int) *figure {
	roles := chart.Roles(s.impls)
	c := &chart.Chart{
		Title: title(s.bench, fmt.Sprintf("speed-up on %d CPUs", cpus)), Sideways: true,
		Upright: []chart.Rule{{At: float64(cpus), Role: chart.Limit}, {At: 1, Role: chart.Grid}},
		X:       chart.Axis{Label: fmt.Sprintf("times as fast on %d CPUs as on one; ideal is %d", cpus, cpus)},
	}
	most := float64(cpus)
	for _, impl := range s.impls {
		marks := chart.Series{Name: impl, Role: roles[impl], Form: chart.Shapes}
		for _, x := range s.series {
			u := x.Speedups[len(x.Speedups)-1]
			if x.Impl == impl && u.CPUs == cpus {
				marks.Points = append(marks.Points, chart.Point{X: u.Times.Value, Low: u.Times.Value, High: u.Times.Value})
				most = max(most, u.Times.Value)
			}
		}
		if len(marks.Points) > 0 {
			c.Series = append(c.Series, marks)
		}
	}
	for i := range c.Series {
		y := float64(len(c.Series) - 1 - i)
		for k := range c.Series[i].Points {
			c.Series[i].Points[k].Y = y
		}
		c.Y.Ticks = append(c.Y.Ticks, chart.Tick{At: y, Label: c.Series[i].Name})
	}
	c.Height = float64(54 + 20*len(c.Series))
	c.X.Max = most * 1.1
	c.Description = fmt.Sprintf("How many times as fast each implementation is on %d CPUs as on one, a mark per case. The table has the figures.", cpus)
	return &figure{Panels: []panel{{"", c}}}
}

// grid has a line per case and implementation, a column per CPU count, the efficiency at the last, and the law where
// one was fitted.
func (s scaled) grid() *grid {
	n := s.counts()[1:]
	fitted := s.fitted()
	g := &grid{
		Caption: "Speed-up against one CPU, with 95 % intervals",
		Head:    []head{{Name: "case"}, {Name: "implementation"}},
	}
	for _, x := range n {
		g.Head = append(g.Head, head{Name: fmt.Sprintf("on %d CPUs", x), Number: true})
	}
	g.Head = append(g.Head, head{Name: "efficiency", Number: true})
	if fitted {
		g.Head = append(g.Head, head{Name: "contention σ", Number: true}, head{Name: "coherency κ", Number: true}, head{Name: "peak, CPUs", Number: true})
	}
	for _, x := range s.series {
		line := []td{text(caseOf(x)), text(x.Impl)}
		for _, cpus := range n {
			c := td{Number: true}
			for _, u := range x.Speedups {
				if u.CPUs == cpus {
					c = estimate(u.Times, "%.2f")
				}
			}
			line = append(line, c)
		}
		last := x.Speedups[len(x.Speedups)-1]
		line = append(line, td{Text: fmt.Sprintf("%.0f %%", 100*last.Efficiency), Sort: fmt.Sprint(last.Efficiency), Number: true})
		if fitted {
			line = append(line, law(x)...)
		}
		g.Rows = append(g.Rows, line)
	}
	return g
}

func estimate(i scaling.Interval, format string) td {
	return td{Text: fmt.Sprintf(format, i.Value), Note: fmt.Sprintf(format+" to "+format, i.Low, i.High), Sort: fmt.Sprint(i.Value), Number: true}
}

// law are the cells of a fitted curve, or of the reason why there is none.
func law(x scaling.Series) []td {
	if x.NoCurve != nil {
		return []td{{Note: reason(x.NoCurve), Number: true}, {Number: true}, {Number: true}}
	}
	peak := td{Text: "none", Number: true}
	if n, ok := x.Curve.Peak(); ok {
		peak = td{Text: fmt.Sprintf("%.0f", n), Sort: fmt.Sprint(n), Number: true}
	}
	return []td{estimate(x.Curve.Sigma, "%.3f"), estimate(x.Curve.Kappa, "%.4f"), peak}
}

// reason is the error's kind, without what it was wrapped in.
func reason(err error) string {
	for _, kind := range []error{scaling.ErrFew, scaling.ErrFlat, scaling.ErrRetrograde, scaling.ErrMisfit, scaling.ErrMachine, scaling.ErrValue} {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	return err.Error()
}
