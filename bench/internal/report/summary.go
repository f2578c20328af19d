package report

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/fencert/fencert/bench/internal/schema"
)

// A tally is a benchmark's verdicts of one outcome.
type tally struct {
	bench    string
	rows, of int
	best     float64 // the greatest factor
}

func (t tally) String() string {
	text := t.bench
	if t.rows < t.of {
		text += fmt.Sprintf(" in %d of %d", t.rows, t.of)
	}
	if t.best > 0 {
		text += fmt.Sprintf(" (%s×)", factorText(t.best))
	}
	return text
}

func factorText(x float64) string {
	if x >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// tallies counts one outcome by benchmark.
func tallies(r *schema.Results, outcome string) []tally {
	var list []tally
	all := map[string]int{}
	for _, v := range r.Verdicts {
		all[v.Benchmark]++
		if v.Outcome != outcome {
			continue
		}
		i := slices.IndexFunc(list, func(t tally) bool { return t.bench == v.Benchmark })
		if i < 0 {
			i = len(list)
			list = append(list, tally{bench: v.Benchmark})
		}
		list[i].rows++
		list[i].best = max(list[i].best, v.Factor)
	}
	for i := range list {
		list[i].of = all[list[i].bench]
	}
	return list
}

// list joins with commas and an "and".
func list(tallies []tally) string {
	var words []string
	for _, t := range tallies {
		words = append(words, t.String())
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// summary says in three sentences who wins, who loses, and how sure that is.
func summary(r *schema.Results) []string {
	s := r.Summary
	if s.Rows == 0 {
		return []string{fmt.Sprintf("No row of this run has %s beside a conventional implementation, so nobody wins and nobody loses.", r.Ours)}
	}
	ahead := fmt.Sprintf("%s is ahead of the best conventional implementation in none of %s.", r.Ours, plural(s.Rows, "row"))
	if s.Ahead > 0 {
		ahead = fmt.Sprintf("%s is ahead of the best conventional implementation in %d of %s: %s, the factor being the best row's.",
			r.Ours, s.Ahead, plural(s.Rows, "row"), list(tallies(r, schema.Ahead)))
	}
	behind := "It is behind in none."
	if s.Behind > 0 {
		behind = fmt.Sprintf("It is behind in %d: %s, the factor being the worst row's.", s.Behind, list(tallies(r, schema.Behind)))
	}
	return []string{ahead, behind, sure(r)}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// sure says how far the verdicts can be trusted.
func sure(r *schema.Results) string {
	s := r.Summary
	least, wide, cells := 0, 0, 0
	for _, t := range r.Tables {
		if t.Unit != "sec/op" {
			continue
		}
		for _, row := range t.Rows {
			for _, c := range row.Cells {
				if least == 0 || c.N < least {
					least = c.N
				}
				cells++
				if c.Low == nil || c.High == nil || *c.High-*c.Low > 0.4*c.Median {
					wide++
				}
			}
		}
	}
	text := fmt.Sprintf("A verdict takes p < %v in a Mann-Whitney U test", r.Alpha)
	if least > 0 {
		text += fmt.Sprintf(" over at least %s a side", plural(least, "sample"))
	}
	text += fmt.Sprintf(", so that chance alone finds about %.1f differences in %s", r.Alpha*float64(s.Rows), plural(s.Rows, "row"))
	if s.None > 0 {
		text += fmt.Sprintf("; in %s no difference was found", plural(s.None, "row"))
	}
	if s.TooFew > 0 {
		text += fmt.Sprintf("; too few samples for any verdict: %s", plural(s.TooFew, "row"))
	}
	if wide > 0 {
		text += fmt.Sprintf("; %d of %d times have an interval wider than ±20 %%", wide, cells)
	}
	if n := rejected(r.Notes); n > 0 {
		text += fmt.Sprintf("; %s taken while others used the processors, and thrown away", plural(n, "sample")+" "+was(n))
	}
	return text + "; and all of it is one machine."
}

func was(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

var rejection = regexp.MustCompile(`^rejected: .*: (\d+) samples`)

// rejected counts the samples that a file's notes say were thrown away.
func rejected(notes []string) int {
	n := 0
	for _, note := range notes {
		if m := rejection.FindStringSubmatch(note); m != nil {
			k, _ := strconv.Atoi(m[1])
			n += k
		}
	}
	return n
}
