package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/schema"
)

// Headline is the chart of all verdicts: a line per benchmark, a mark per row, at how many times better
// ours is than the best conventional implementation. Without verdicts that have a factor it is nil.
func Headline(r *schema.Results, width float64) *chart.Chart {
	ahead := &chart.Series{Name: "ahead", Role: chart.First, Form: chart.Shapes}
	behind := &chart.Series{Name: "behind", Role: chart.First + 4, Shape: chart.First + 1, Form: chart.Shapes}
	none := &chart.Series{Name: "no difference found", Role: chart.Muted, Shape: chart.First + 3, Form: chart.Shapes}
	var names []string
	count, at := map[string]int{}, map[string]int{}
	for _, v := range r.Verdicts {
		if v.Factor > 0 {
			if count[v.Benchmark]++; count[v.Benchmark] == 1 {
				names = append(names, v.Benchmark)
			}
		}
	}
	least, most := extent(r)
	for _, v := range r.Verdicts {
		if v.Factor <= 0 {
			continue
		}
		s := none
		switch v.Outcome {
		case schema.Ahead:
			s = ahead
		case schema.Behind:
			s = behind
		}
		x := Ratio(r, v)
		// Rows of one benchmark stand a little apart, in their order from above.
		line := float64(len(names) - 1 - slices.Index(names, v.Benchmark))
		spread := 0.28 * (1 - 2*float64(at[v.Benchmark])/float64(max(1, count[v.Benchmark]-1)))
		if count[v.Benchmark] == 1 {
			spread = 0
		}
		at[v.Benchmark]++
		s.Points = append(s.Points, chart.Point{X: x, Y: line + spread, Low: max(v.Low, least), High: min(v.High, most)})
	}
	if len(names) == 0 {
		return nil
	}
	c := &chart.Chart{
		Title: fmt.Sprintf("%s against the best conventional implementation, a mark per row", r.Ours),
		Description: fmt.Sprintf("Of %d rows, %s is ahead in %d and behind in %d; in %d no difference was found. The table of verdicts has each.",
			r.Summary.Rows, r.Ours, r.Summary.Ahead, r.Summary.Behind, r.Summary.None+r.Summary.TooFew),
		Sideways: true, Upright: []chart.Rule{{At: 1, Role: chart.Ink}},
		X: chart.Axis{
			Label: "÷ behind by this factor, × ahead by it", Log: true, Ticks: factorTicks(least, most, width),
			Min: least, Max: most,
		},
		Width: width, Height: float64(56 + 19*len(names)),
	}
	for i, n := range names {
		c.Y.Ticks = append(c.Y.Ticks, chart.Tick{At: float64(len(names) - 1 - i), Label: n})
	}
	c.Y.Min, c.Y.Max = -0.6, float64(len(names))-0.4
	for _, s := range []*chart.Series{ahead, behind, none} {
		if len(s.Points) > 0 {
			c.Series = append(c.Series, *s)
		}
	}
	return c
}

// extent is the range of the factors with some room. Whiskers that are longer end there: one row that hardly
// says anything would else press all others together.
func extent(r *schema.Results) (least, most float64) {
	least, most = 1, 1
	for _, v := range r.Verdicts {
		if x := Ratio(r, v); v.Factor > 0 && !math.IsNaN(x) {
			least, most = min(least, x), max(most, x)
		}
	}
	return least / 1.4, most * 1.4
}

// Ratio is how many times better ours is in a row: below 1 the rival is ahead.
func Ratio(r *schema.Results, v schema.Verdict) float64 {
	if v.Ours <= 0 || v.RivalMedian <= 0 {
		return math.NaN()
	}
	for _, t := range r.Tables {
		if t.Benchmark == v.Benchmark && t.Unit == v.Unit && t.Better == schema.More {
			return v.Ours / v.RivalMedian
		}
	}
	return v.RivalMedian / v.Ours
}

// factorTicks label factors on both sides of 1, as many as a width has room for.
func factorTicks(least, most, width float64) []chart.Tick {
	var list []chart.Tick
	for _, step := range [][]float64{{1.2, 1.5, 2, 2.5, 3, 4, 5}, {1.5, 2, 3, 5, 10}, {2, 5, 10, 20, 50, 100}, {10, 100, 1000, 10000, 100000, 1000000}, {1000, 1000000}} {
		list = []chart.Tick{{At: 1, Label: "1"}}
		for _, f := range step {
			if f <= most {
				list = append(list, chart.Tick{At: f, Label: fmt.Sprintf("×%g", f)})
			}
			if 1/f >= least {
				list = append(list, chart.Tick{At: 1 / f, Label: fmt.Sprintf("÷%g", f)})
			}
		}
		// The last that is labeled must not leave half of the axis without a label.
		if greatest := step[len(step)-1]; float64(len(list)) <= width/45 && max(most, 1/least) < 3*greatest {
			break
		}
	}
	return list
}
