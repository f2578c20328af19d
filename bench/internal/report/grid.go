package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

// A grid is a table of the page.
type grid struct {
	ID      string
	Caption string
	Head    []head
	Rows    [][]td
	Filter  bool // has enough rows for one
}

// A head is a column's.
type head struct {
	Name   string
	Number bool
}

// A td is a cell: what it says, in small letters what belongs to it, and what it is sorted by.
type td struct {
	Text, Note, Delta string
	Sort              string
	Class             string
	Number            bool
	Picture           template.HTML
}

// filterFrom is the number of rows from which a table has a filter.
const filterFrom = 6

func text(s string) td { return td{Text: s} }

// keyNames are the keys that rows have, in their order.
func keyNames(rows []schema.Row) []string {
	var names []string
	for _, r := range rows {
		for _, k := range r.Keys {
			if !slices.Contains(names, k.Key) {
				names = append(names, k.Key)
			}
		}
	}
	return names
}

func keyCells(r schema.Row, names []string) []td {
	var cells []td
	for _, n := range names {
		c := td{}
		for _, k := range r.Keys {
			if k.Key == n {
				c.Text = k.Value
				if x, ok := tables.Quantity(k.Value); ok {
					c.Sort, c.Number = fmt.Sprint(x), true
				}
			}
		}
		cells = append(cells, c)
	}
	return cells
}

func cpuCell(r schema.Row) td {
	return td{Text: cpuLabel(r.CPUs, r.Oversubscribed), Sort: fmt.Sprint(r.CPUs), Number: true}
}

// valueCell is a median with its interval and, where there is one, its difference from the base.
func valueCell(c *schema.Cell, unit string) td {
	if c == nil {
		return td{Number: true}
	}
	out := td{Text: tables.Spell(c.Median, unit), Sort: fmt.Sprint(c.Median), Number: true}
	switch {
	case c.Low == nil || c.High == nil:
		out.Note = "± ∞"
	case c.Median != 0:
		away := max(c.Median-*c.Low, *c.High-c.Median) / c.Median
		out.Note = fmt.Sprintf("± %.0f %%", 100*away)
	}
	if a := c.Against; a != nil {
		switch {
		case !a.Different:
			out.Delta = "~"
		case a.Change == nil:
			out.Delta = "from 0"
		default:
			out.Delta = percent(*a.Change)
		}
	}
	return out
}

// percent writes a change with its sign.
func percent(x float64) string {
	digits := 1
	if math.Abs(x) >= 1 {
		digits = 0
	}
	return strings.Replace(fmt.Sprintf("%+.*f %%", digits, 100*x), "-", "−", 1)
}

// gridOf shows a table of measurements.
func gridOf(t *schema.Table) *grid {
	keys := keyNames(t.Rows)
	g := &grid{Caption: fmt.Sprintf("%s, %s: medians", t.Benchmark, tables.UnitName(t.Unit))}
	if t.Unit != "allocs/op" {
		g.Caption += " ± 95 % interval"
		if len(t.Impls) > 1 {
			g.Caption += ", and the change from " + t.Base + "; ~ is no difference found"
		}
	}
	for _, k := range keys {
		g.Head = append(g.Head, head{Name: k, Number: true})
	}
	g.Head = append(g.Head, head{Name: "CPUs", Number: true})
	for _, i := range t.Impls {
		g.Head = append(g.Head, head{Name: i, Number: true})
	}
	for _, r := range t.Rows {
		line := append(keyCells(r, keys), cpuCell(r))
		for _, i := range t.Impls {
			c := valueCell(r.Cell(i), t.Unit)
			if t.Unit == "allocs/op" {
				c.Note, c.Delta = "", ""
			}
			line = append(line, c)
		}
		g.Rows = append(g.Rows, line)
	}
	return g
}

// verdictGrid is "who wins where".
func verdictGrid(r *schema.Results) *grid {
	g := &grid{
		Caption: fmt.Sprintf("Who wins where: %s against the best conventional implementation of each row", r.Ours),
		Head: []head{
			{Name: "row"}, {Name: "CPUs", Number: true}, {Name: r.Ours, Number: true},
			{Name: "in R", Number: true}, {Name: "best other", Number: true}, {Name: "which"},
			{Name: "verdict", Number: true}, {Name: "p", Number: true},
		},
	}
	for _, v := range r.Verdicts {
		inR := td{Number: true}
		if r.R > 0 && v.Unit == "sec/op" {
			inR = td{Text: fmt.Sprintf("%.1f", v.Ours/r.R), Sort: fmt.Sprint(v.Ours / r.R), Number: true}
		}
		g.Rows = append(g.Rows, []td{
			text(verdictName(v)),
			{Text: cpuLabel(v.CPUs, v.Oversubscribed), Sort: fmt.Sprint(v.CPUs), Number: true},
			{Text: tables.Spell(v.Ours, v.Unit), Sort: fmt.Sprint(v.Ours), Number: true}, inR,
			{Text: tables.Spell(v.RivalMedian, v.Unit), Sort: fmt.Sprint(v.RivalMedian), Number: true}, text(v.Rival),
			verdictCell(r, v), {Text: pText(v.P), Sort: fmt.Sprint(v.P), Number: true},
		})
	}
	return g
}

// verdictName is a verdict's row, with the unit where that isn't time per operation.
func verdictName(v schema.Verdict) string {
	if v.Unit == "sec/op" {
		return v.Row()
	}
	return v.Row() + ", " + tables.UnitName(v.Unit)
}

func verdictCell(r *schema.Results, v schema.Verdict) td {
	c := td{Text: v.Outcome, Number: true, Sort: "1"}
	if x := Ratio(r, v); !math.IsNaN(x) {
		c.Sort = fmt.Sprint(x)
	}
	if v.Outcome == schema.Ahead || v.Outcome == schema.Behind {
		c.Class = v.Outcome
		c.Text = v.Outcome + ", other at zero"
		if v.Factor > 0 {
			c.Text = fmt.Sprintf("%s %.2f×", v.Outcome, v.Factor)
		}
	}
	return c
}

func pText(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// noiseGrid lists floors, the worst first.
func noiseGrid(n *Noise) *grid {
	rows := slices.Clone(n.Rows)
	slices.SortStableFunc(rows, func(a, b Floor) int {
		switch {
		case a.Floor > b.Floor:
			return -1
		case a.Floor < b.Floor:
			return 1
		}
		return 0
	})
	g := &grid{Caption: "Noise floors: differences between runs below these mean nothing",
		Head: []head{{Name: "row"}, {Name: "unit"}, {Name: "samples", Number: true}, {Name: "floor", Number: true}}}
	for _, f := range rows {
		g.Rows = append(g.Rows, []td{text(strings.TrimPrefix(f.Name, "Benchmark")), text(f.Unit), {Text: fmt.Sprint(f.Samples), Number: true},
			{Text: fmt.Sprintf("%.1f %%", 100*f.Floor), Sort: fmt.Sprint(f.Floor), Number: true}})
	}
	return g
}
