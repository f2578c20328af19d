package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

// A quantile is a table of percentiles with what it is of.
type quantile struct {
	table *schema.Table
	q     float64
}

// quantiles sorts the tables of percentiles by benchmark and kind. One percentile alone is left to the
// other tables.
func quantiles(r *schema.Results) (order []string, of map[string][]quantile) {
	of = map[string][]quantile{}
	for i := range r.Tables {
		t := &r.Tables[i]
		kind, q, ok := tables.Percentile(t.Unit)
		if !ok {
			continue
		}
		name := t.Benchmark
		if kind != "" {
			name += ", " + kind
		}
		if of[name] == nil {
			order = append(order, name)
		}
		of[name] = append(of[name], quantile{t, q})
	}
	for _, list := range of {
		slices.SortStableFunc(list, func(a, b quantile) int { return cmp.Compare(a.q, b.q) })
	}
	return order, of
}

// isQuantile tells whether a table is shown among the percentiles.
func isQuantile(t *schema.Table) bool {
	_, _, ok := tables.Percentile(t.Unit)
	return ok
}

// place is where a percentile stands on the axis: each nine takes as much room as the one before. The
// maximum stands one nine behind the last.
func place(q, last float64) float64 {
	if q >= 1 {
		return -math.Log10(1-last) + 1
	}
	return -math.Log10(1 - q)
}

// rowKey names a row within a benchmark.
func rowKey(r schema.Row) string { return fmt.Sprintf("%s\x00%d", r.Case(), r.CPUs) }

// latencyFigure draws percentiles: a panel per row, a series per implementation.
func latencyFigure(list []quantile) *figure {
	first := list[0].table
	roles := chart.Roles(first.Impls)
	var all []*schema.Table
	last := 0.5
	for _, q := range list {
		all = append(all, q.table)
		if q.q < 1 {
			last = max(last, q.q)
		}
	}
	unit := scaleOf(all...)
	unit.label = strings.TrimSuffix(unit.label, "/op")
	var ticks []chart.Tick
	for _, q := range list {
		name := strings.Fields(tables.UnitName(q.table.Unit))
		label := name[len(name)-1]
		ticks = append(ticks, chart.Tick{At: place(q.q, last), Label: strings.Replace(label, "maximum", "max", 1)})
	}
	var panels []panel
	for _, row := range first.Rows {
		c := &chart.Chart{X: chart.Axis{Ticks: ticks}, Y: chart.Axis{Label: unit.label}}
		name := row.Case()
		if row.CPUs > 0 {
			name = strings.TrimSpace(name + " cpus=" + cpuLabel(row.CPUs, row.Oversubscribed))
		}
		c.Title = title(first.Benchmark, name, "percentiles")
		for _, impl := range first.Impls {
			s := series(impl, roles)
			for _, q := range list {
				if cell := find(q.table, rowKey(row), impl); cell != nil {
					s.Points = append(s.Points, point(place(q.q, last), *cell, unit.by))
				}
			}
			if len(s.Points) > 0 {
				c.Series = append(c.Series, *s)
			}
		}
		c.Description = describe(c, unit.label)
		panels = append(panels, panel{name, c})
	}
	return finish(first.Impls, roles, panels)
}

func find(t *schema.Table, key, impl string) *schema.Cell {
	for i := range t.Rows {
		if rowKey(t.Rows[i]) == key {
			return t.Rows[i].Cell(impl)
		}
	}
	return nil
}

// latencyTable has a line per row and implementation, and a column per percentile.
func latencyTable(list []quantile) *grid {
	first := list[0].table
	g := &grid{Caption: "Percentiles: medians over the samples, with their intervals"}
	keys := keyNames(first.Rows)
	for _, k := range keys {
		g.Head = append(g.Head, head{Name: k})
	}
	g.Head = append(g.Head, head{Name: "CPUs", Number: true}, head{Name: "implementation"})
	for _, q := range list {
		name := strings.Fields(tables.UnitName(q.table.Unit))
		g.Head = append(g.Head, head{Name: name[len(name)-1], Number: true})
	}
	for _, row := range first.Rows {
		for _, impl := range first.Impls {
			if row.Cell(impl) == nil {
				continue
			}
			line := append(keyCells(row, keys), cpuCell(row), text(impl))
			for _, q := range list {
				line = append(line, valueCell(find(q.table, rowKey(row), impl), q.table.Unit))
			}
			g.Rows = append(g.Rows, line)
		}
	}
	return g
}
