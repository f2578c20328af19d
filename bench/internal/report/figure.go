package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

// A figure is charts that share their axis and their legend: a panel per case.
type figure struct {
	Legend []entry
	Panels []panel
	Wide   bool
}

// An entry of a legend.
type entry struct {
	Name string
	Role chart.Role
	Line bool
}

// A panel is one of a figure's charts.
type panel struct {
	Name  string // the case
	Chart *chart.Chart
}

// lines are the implementations that are drawn as lines: what no implementation gets below.
var lines = []string{"limit", "noop", "bare"}

// figureOf draws a table: a panel per case, over what varies.
func figureOf(t *schema.Table) *figure {
	a := over(t)
	if a.none {
		return sideways(t)
	}
	roles := chart.Roles(t.Impls)
	unit := scaleOf(t)
	byName := map[string]map[string]*chart.Series{}
	var names []string
	for _, r := range t.Rows {
		name, x := a.split(r)
		if byName[name] == nil {
			byName[name] = map[string]*chart.Series{}
			names = append(names, name)
		}
		for _, c := range r.Cells {
			s := byName[name][c.Impl]
			if s == nil {
				s = series(c.Impl, roles)
				byName[name][c.Impl] = s
			}
			s.Points = append(s.Points, point(x, c, unit.by))
		}
	}
	ticks := a.ticks(t)
	x := chart.Axis{Label: "CPUs", Ticks: ticks, Log: ticks[0].At > 0 && ticks[len(ticks)-1].At >= 8*ticks[0].At}
	if a.key != "" {
		x.Label = a.key
	}
	var panels []panel
	for _, name := range names {
		c := &chart.Chart{X: x, Y: chart.Axis{Label: unit.label}}
		c.Title = title(t.Benchmark, name, tables.UnitName(t.Unit))
		for _, impl := range t.Impls {
			if s := byName[name][impl]; s != nil {
				c.Series = append(c.Series, *s)
			}
		}
		c.Description = describe(c, unit.label)
		panels = append(panels, panel{name, c})
	}
	return finish(t.Impls, roles, panels)
}

// Panel is the chart of one case over CPU counts, nil where the run doesn't have it on several.
func Panel(r *schema.Results, bench, name, unit string) *chart.Chart {
	for i := range r.Tables {
		t := &r.Tables[i]
		if t.Benchmark != bench || t.Unit != unit || over(t) != (axis{}) {
			continue
		}
		one := *t
		one.Rows = slices.DeleteFunc(slices.Clone(t.Rows), func(row schema.Row) bool { return row.Case() != name })
		if len(one.Rows) > 1 {
			return figureOf(&one).Panels[0].Chart
		}
	}
	return nil
}

// sideways draws a table in which nothing varies but the implementation.
func sideways(t *schema.Table) *figure {
	roles := chart.Roles(t.Impls)
	unit := scaleOf(t)
	var panels []panel
	for _, r := range t.Rows {
		c := &chart.Chart{Sideways: true, X: chart.Axis{Label: unit.label}, Height: float64(50 + 22*len(r.Cells))}
		c.Title = title(t.Benchmark, r.Case(), tables.UnitName(t.Unit))
		for i, cell := range r.Cells {
			p := point(0, cell, unit.by)
			y := float64(len(r.Cells) - 1 - i)
			s := series(cell.Impl, roles)
			s.Points = []chart.Point{{X: p.Y, Y: y, Low: p.Low, High: p.High}}
			c.Series = append(c.Series, *s)
			c.Y.Ticks = append(c.Y.Ticks, chart.Tick{At: y, Label: cell.Impl})
		}
		c.Description = describe(c, unit.label)
		panels = append(panels, panel{r.Case(), c})
	}
	f := finish(nil, roles, panels)
	return f
}

func title(parts ...string) string {
	text := strings.Join(slices.DeleteFunc(slices.Clone(parts[:len(parts)-1]), func(s string) bool { return s == "" }), " ")
	return text + ", " + parts[len(parts)-1]
}

func series(impl string, roles map[string]chart.Role) *chart.Series {
	s := &chart.Series{Name: impl, Role: roles[impl]}
	if slices.Contains(lines, impl) {
		s.Form = chart.Line
	}
	return s
}

func point(x float64, c schema.Cell, by float64) chart.Point {
	p := chart.Point{X: x, Y: c.Median * by, Low: math.NaN(), High: math.NaN()}
	if c.Low != nil && c.High != nil {
		p.Low, p.High = *c.Low*by, *c.High*by
	}
	return p
}

// finish gives panels one axis of values, logarithmic when they differ much, and one legend.
func finish(impls []string, roles map[string]chart.Role, panels []panel) *figure {
	var all []chart.Series
	side := false
	for _, p := range panels {
		all = append(all, p.Chart.Series...)
		side = p.Chart.Sideways
	}
	low, high := bounds(all, side)
	log := low > 0 && high/low > 6
	from, to := chart.Span(log, side, all...)
	for _, p := range panels {
		a := &p.Chart.Y
		if side {
			a = &p.Chart.X
		}
		a.Log, a.Min, a.Max = log, from, to
		a.Format = plainNumber
	}
	f := &figure{Panels: panels}
	for _, impl := range impls {
		f.Legend = append(f.Legend, entry{impl, roles[impl], slices.Contains(lines, impl)})
	}
	return f
}

// bounds are the least and the greatest median.
func bounds(all []chart.Series, side bool) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range all {
		for _, p := range s.Points {
			x := p.Y
			if side {
				x = p.X
			}
			low, high = min(low, x), max(high, x)
		}
	}
	return low, high
}

func plainNumber(x float64) string {
	if x >= 1e4 && x < 1e15 {
		return shortNumber(fmt.Sprintf("%.0f", x))
	}
	return fmt.Sprintf("%.4g", x)
}

// describe says in words what a chart shows: each series from its first point to its last.
func describe(c *chart.Chart, unit string) string {
	var s strings.Builder
	for _, x := range c.Series {
		if len(x.Points) == 0 {
			continue
		}
		first, last := x.Points[0], x.Points[len(x.Points)-1]
		a, b := first.Y, last.Y
		if c.Sideways {
			a, b = first.X, last.X
		}
		if len(x.Points) == 1 {
			fmt.Fprintf(&s, "%s %.4g %s. ", x.Name, a, unit)
		} else {
			fmt.Fprintf(&s, "%s from %.4g to %.4g %s. ", x.Name, a, b, unit)
		}
	}
	return s.String() + "The table below has the figures."
}
