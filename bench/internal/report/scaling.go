package report

import (
	"fmt"
	"slices"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/schema"
)

// A speedup is how many times as fast one implementation's row is on several CPUs.
type speedup struct {
	row    schema.Row // on one CPU
	impl   string
	points []chart.Point // by CPU count, from 1
}

// speedups takes from a table of times what was measured on one CPU and on more, oversubscribed counts
// left out. An interval is what the ends of both intervals allow.
func speedups(t *schema.Table) []speedup {
	var list []speedup
	for _, one := range t.Rows {
		if one.CPUs != 1 {
			continue
		}
		for _, base := range one.Cells {
			s := speedup{row: one, impl: base.Impl, points: []chart.Point{{X: 1, Y: 1, Low: 1, High: 1}}}
			for _, r := range t.Rows {
				c := r.Cell(base.Impl)
				if r.CPUs < 2 || r.Oversubscribed || r.Case() != one.Case() || c == nil || c.Median <= 0 || base.Median <= 0 {
					continue
				}
				p := chart.Point{X: float64(r.CPUs), Y: base.Median / c.Median}
				p.Low, p.High = p.Y, p.Y
				if c.Low != nil && c.High != nil && base.Low != nil && base.High != nil && *c.Low > 0 {
					p.Low, p.High = *base.Low / *c.High, *base.High / *c.Low
				}
				s.points = append(s.points, p)
			}
			if len(s.points) > 1 {
				list = append(list, s)
			}
		}
	}
	return list
}

// counts are the CPU counts that the speed-ups have.
func counts(list []speedup) []int {
	var n []int
	for _, s := range list {
		for _, p := range s.points {
			if !slices.Contains(n, int(p.X)) {
				n = append(n, int(p.X))
			}
		}
	}
	slices.Sort(n)
	return n
}

// scalingFigure draws speed-ups with the ideal line: over CPU counts from three of them on, else a mark
// per case at the one count there is.
func scalingFigure(t *schema.Table, list []speedup) *figure {
	n := counts(list)
	if len(n) < 3 {
		return scalingMarks(t, list, n[len(n)-1])
	}
	roles := chart.Roles(t.Impls)
	most := float64(n[len(n)-1])
	var ticks []chart.Tick
	for _, x := range n {
		ticks = append(ticks, chart.Tick{At: float64(x), Label: fmt.Sprint(x)})
	}
	var panels []panel
	for _, s := range list {
		i := slices.IndexFunc(panels, func(p panel) bool { return p.Name == s.row.Case() })
		if i < 0 {
			i = len(panels)
			c := &chart.Chart{X: chart.Axis{Label: "CPUs", Ticks: ticks, Log: most >= 8}, Y: chart.Axis{Label: "speed-up"}}
			c.Title = title(t.Benchmark, s.row.Case(), "speed-up")
			ideal := chart.Series{Name: "ideal", Role: chart.Limit, Form: chart.Line}
			for _, x := range n {
				ideal.Points = append(ideal.Points, chart.Point{X: float64(x), Y: float64(x)})
			}
			c.Series = []chart.Series{ideal}
			panels = append(panels, panel{s.row.Case(), c})
		}
		panels[i].Chart.Series = append(panels[i].Chart.Series, chart.Series{Name: s.impl, Role: roles[s.impl], Points: s.points})
	}
	for _, p := range panels {
		p.Chart.Description = describe(p.Chart, "times as fast")
	}
	f := finish(t.Impls, roles, panels)
	f.Legend = append([]entry{{"ideal", chart.Limit, true}}, f.Legend...)
	return f
}

// scalingMarks draws a line per implementation and a mark per case.
func scalingMarks(t *schema.Table, list []speedup, cpus int) *figure {
	roles := chart.Roles(t.Impls)
	c := &chart.Chart{
		Title: title(t.Benchmark, fmt.Sprintf("speed-up on %d CPUs", cpus)), Sideways: true,
		Upright: []chart.Rule{{At: float64(cpus), Role: chart.Limit}, {At: 1, Role: chart.Grid}},
		X:       chart.Axis{Label: fmt.Sprintf("times as fast on %d CPUs as on one; ideal is %d", cpus, cpus)},
	}
	most := float64(cpus)
	for _, impl := range t.Impls {
		s := chart.Series{Name: impl, Role: roles[impl], Form: chart.Shapes}
		for _, x := range list {
			p := x.points[len(x.points)-1]
			if x.impl == impl && int(p.X) == cpus {
				s.Points = append(s.Points, chart.Point{X: p.Y, Low: p.Y, High: p.Y})
				most = max(most, p.Y)
			}
		}
		if len(s.Points) > 0 {
			c.Series = append(c.Series, s)
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
	c.Description = fmt.Sprintf("How many times as fast each implementation is on %d CPUs as on one, a mark per case. The table below has the figures.", cpus)
	return &figure{Panels: []panel{{"", c}}}
}

// scalingTable has a line per case and implementation, a column per CPU count, and the efficiency at the last.
func scalingTable(t *schema.Table, list []speedup) *grid {
	n := counts(list)[1:]
	rows := make([]schema.Row, 0, len(list))
	for _, s := range list {
		rows = append(rows, s.row)
	}
	keys := keyNames(rows)
	g := &grid{Caption: "Speed-up against one CPU, with what the ends of both intervals allow"}
	for _, k := range keys {
		g.Head = append(g.Head, head{Name: k})
	}
	g.Head = append(g.Head, head{Name: "implementation"})
	for _, x := range n {
		g.Head = append(g.Head, head{Name: fmt.Sprintf("on %d CPUs", x), Number: true})
	}
	g.Head = append(g.Head, head{Name: "efficiency", Number: true})
	for _, s := range list {
		line := append(keyCells(s.row, keys), text(s.impl))
		for _, x := range n {
			c := td{Number: true}
			for _, p := range s.points {
				if int(p.X) == x {
					c = td{Text: fmt.Sprintf("%.2f", p.Y), Note: fmt.Sprintf("%.2f to %.2f", p.Low, p.High), Sort: fmt.Sprint(p.Y), Number: true}
				}
			}
			line = append(line, c)
		}
		last := s.points[len(s.points)-1]
		line = append(line, td{Text: fmt.Sprintf("%.0f %%", 100*last.Y/last.X), Sort: fmt.Sprint(last.Y / last.X), Number: true})
		g.Rows = append(g.Rows, line)
	}
	return g
}
