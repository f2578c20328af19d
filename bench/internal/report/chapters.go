package report

import (
	"regexp"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

// chapters are all tables, each once.
func (m *maker) chapters(in *Input) []chapter {
	r := in.Results
	memory := memoryBenches(r)
	times := chapter{ID: "operations", Name: "Operations", Says: "Less is better unless a heading says a rate. The whiskers are 95 % intervals of the median; " +
		"the dashed line is the limit, the atomic operations that a row cannot do without. Where a row is work of each goroutine's own, " +
		"perfect scaling halves the time at two CPUs."}
	gc := chapter{ID: "memory", Name: "Memory and garbage collection"}
	for i := range r.Tables {
		t := &r.Tables[i]
		if isQuantile(t) || t.Unit == "allocs/op" && allZero(t) {
			continue
		}
		to := &times
		if slices.Contains(memory, t.Benchmark) {
			to = &gc
		}
		if n := len(to.Sections); n == 0 || to.Sections[n-1].Name != t.Benchmark {
			to.Sections = append(to.Sections, section{ID: "op-" + FileName(t.Benchmark), Name: t.Benchmark, Says: says(t.Benchmark)})
		}
		s := &to.Sections[len(to.Sections)-1]
		p := part{Name: tables.UnitName(t.Unit), Grid: m.number(gridOf(t))}
		if t.Unit != "allocs/op" {
			p.Figure = m.figure(figureOf(t))
		}
		s.Parts = append(s.Parts, p)
	}
	list := []chapter{times, m.latency(r), gc, m.scaling(in)}
	return slices.DeleteFunc(list, func(c chapter) bool { return len(c.Sections) == 0 })
}

var markdownLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// says is what an operation of a benchmark is, without the document's links.
func says(bench string) string { return markdownLink.ReplaceAllString(operations[bench], "$1") }

// memoryBenches are those that measure memory or the collector.
func memoryBenches(r *schema.Results) []string {
	var list []string
	for _, t := range r.Tables {
		if t.Unit != "B/op" && strings.HasPrefix(t.Unit, "B/") || t.Unit == "gc-sec" || t.Unit == "assist-sec" || t.Unit == "gc-cpu-sec" {
			list = append(list, t.Benchmark)
		}
	}
	return list
}

func allZero(t *schema.Table) bool {
	for _, r := range t.Rows {
		for _, c := range r.Cells {
			if c.Median != 0 {
				return false
			}
		}
	}
	return true
}

func (m *maker) latency(r *schema.Results) chapter {
	c := chapter{ID: "latency", Name: "Latency", Says: "Percentiles, each the median over the samples. Each further nine takes the same room."}
	order, of := quantiles(r)
	for _, name := range order {
		bench, kind, _ := strings.Cut(name, ", ")
		if n := len(c.Sections); n == 0 || c.Sections[n-1].Name != bench {
			c.Sections = append(c.Sections, section{ID: "latency-" + FileName(bench), Name: bench, Says: says(bench)})
		}
		s := &c.Sections[len(c.Sections)-1]
		if kind == "" {
			kind = "percentiles"
		}
		p := part{Name: kind, Grid: m.number(latencyTable(of[name]))}
		if len(of[name]) > 1 {
			p.Figure = m.figure(latencyFigure(of[name]))
		}
		s.Parts = append(s.Parts, p)
	}
	return c
}

func (m *maker) scaling(in *Input) chapter {
	c := chapter{ID: "scaling", Name: "Scaling", Says: "How many times as fast a row is on several CPUs as on one, where goroutines share out the operations. " +
		"CPU counts beyond the machine's are left out. The Universal Scalability Law is fitted to four counts or more, and never to two; where it is, the dashed line is the fit."}
	if len(in.OwnGoroutines) > 0 {
		c.Says += " Rows with a number of goroutines of their own aren't here."
	}
	for _, s := range scaledBy(in.Results, in.Scaling) {
		c.Sections = append(c.Sections, section{ID: "scaling-" + FileName(s.bench), Name: s.bench, Parts: []part{{
			Name: "speed-up", Figure: m.figure(s.figure()), Grid: m.number(s.grid()), Beside: len(s.counts()) < 3,
		}}})
	}
	return c
}
