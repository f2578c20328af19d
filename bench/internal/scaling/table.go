package scaling

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Table prints speed-ups, efficiencies and curves as text, row by row.
func Table(all []Series, own []string) string {
	var b strings.Builder
	b.WriteString("Speed-up: how many times as much as on one CPU, with the 95 % interval, and the efficiency, by CPUs. " +
		"Ideal is their number.\n")
	few := !slices.ContainsFunc(all, func(s Series) bool { return !errors.Is(s.NoCurve, ErrFew) })
	if few {
		fmt.Fprintf(&b, "No curve of the Universal Scalability Law: that takes %d CPU counts, none beyond the machine's.\n", enough)
	} else {
		b.WriteString("USL: the Universal Scalability Law, contention and coherency with their 95 % intervals, and where " +
			"throughput peaks.\n")
	}
	last := ""
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range all {
		if s.Row() != last {
			last = s.Row()
			fmt.Fprintf(w, "\n%s\n", last)
			fmt.Fprintf(w, "  impl\t%s%s\n", heads(all, last), usual(few, "USL"))
		}
		fmt.Fprintf(w, "  %s\t%s%s\n", s.Impl, s.cells(counts(all, last)), usual(few, s.usl()))
	}
	_ = w.Flush() // into memory
	for _, s := range all {
		if slices.ContainsFunc(s.Speedups, func(u Speedup) bool { return u.Oversubscribed }) {
			b.WriteString("\n* more goroutines than CPUs: no scaling, and no part of a fit\n")
			break
		}
	}
	if len(own) > 0 {
		fmt.Fprintf(&b, "\nLeft out, because they have a number of goroutines of their own: %s\n", strings.Join(own, ", "))
	}
	return b.String()
}

// usual is the text of the last column, where there is one.
func usual(few bool, text string) string {
	if few {
		return ""
	}
	return text
}

// counts are the numbers of processors of a row, beyond one.
func counts(all []Series, row string) (list []int) {
	for _, s := range all {
		for _, p := range s.Points {
			if s.Row() == row && p.CPUs > 1 && !slices.Contains(list, p.CPUs) {
				list = append(list, p.CPUs)
			}
		}
	}
	slices.Sort(list)
	return list
}

func heads(all []Series, row string) string {
	var b strings.Builder
	for _, n := range counts(all, row) {
		star := ""
		if slices.ContainsFunc(all, func(s Series) bool { return s.Row() == row && s.Machine > 0 && n > s.Machine }) {
			star = "*"
		}
		fmt.Fprintf(&b, "%d CPUs%s\t", n, star)
	}
	return b.String()
}

func (s Series) cells(counts []int) string {
	if s.NoBase != nil {
		return s.NoBase.Error() + strings.Repeat("\t", len(counts))
	}
	var b strings.Builder
	for _, n := range counts {
		i := slices.IndexFunc(s.Speedups, func(u Speedup) bool { return u.CPUs == n })
		if i < 0 {
			b.WriteString("?\t")
			continue
		}
		u := s.Speedups[i]
		fmt.Fprintf(&b, "%.2f [%.2f, %.2f] %.0f %%\t", u.Times.Value, u.Times.Low, u.Times.High, 100*u.Efficiency)
	}
	return b.String()
}

// usl is the curve in words, or why there is none.
func (s Series) usl() string {
	if s.NoCurve != nil {
		return "none: " + s.NoCurve.Error()
	}
	c := s.Curve
	text := fmt.Sprintf("σ %.3g [%.3g, %.3g], κ %.3g [%.3g, %.3g]", c.Sigma.Value, c.Sigma.Low, c.Sigma.High,
		c.Kappa.Value, c.Kappa.Low, c.Kappa.High)
	if n, ok := c.Peak(); ok {
		text += fmt.Sprintf(", peak at %.0f CPUs", n)
	} else {
		text += ", no peak"
	}
	return text + fmt.Sprintf(", misfit %.1f %%", 100*c.Misfit)
}
