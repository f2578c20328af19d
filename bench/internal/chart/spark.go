package chart

import (
	"fmt"
	"html"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Spark is a small chart within a line of a table: values in their order, joined within a group and never
// between two, some of them marked.
type Spark struct {
	Description string
	Slots       int // places on the axis
	Points      []SparkPoint
}

// A SparkPoint is one value.
type SparkPoint struct {
	Slot  int
	Y     float64
	Group string
	Mark  bool
}

const (
	sparkWidth  = 96
	sparkHeight = 22
)

// SVG returns the chart as an element of a page, on a logarithmic axis of its own.
func (s *Spark) SVG() (string, error) {
	groups := map[string]plotter.XYs{}
	var order []string
	var marks plotter.XYs
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range s.Points {
		if !usable(p.Y, true) {
			continue
		}
		y := math.Log(p.Y)
		if _, ok := groups[p.Group]; !ok {
			order = append(order, p.Group)
		}
		groups[p.Group] = append(groups[p.Group], plotter.XY{X: float64(p.Slot), Y: y})
		if p.Mark {
			marks = append(marks, plotter.XY{X: float64(p.Slot), Y: y})
		}
		low, high = min(low, y), max(high, y)
	}
	if len(order) == 0 {
		return "", ErrEmpty
	}
	plt := plot.New()
	plt.BackgroundColor, plt.TextHandler = nil, plain
	plt.HideAxes()
	plt.X.Padding, plt.Y.Padding = 0, 0
	for i, g := range order {
		line, dots, err := plotter.NewLinePoints(groups[g])
		if err != nil {
			return "", fmt.Errorf("drawing %s: %w", s.Description, err)
		}
		ink := (First + Role(i)%(last-First+1)).mark()
		line.LineStyle = draw.LineStyle{Color: ink, Width: 1}
		dots.GlyphStyle = draw.GlyphStyle{Color: ink, Radius: 1.2, Shape: draw.CircleGlyph{}}
		plt.Add(line, dots)
	}
	if len(marks) > 0 {
		rings, err := plotter.NewScatter(marks)
		if err != nil {
			return "", fmt.Errorf("drawing %s: %w", s.Description, err)
		}
		rings.GlyphStyle = draw.GlyphStyle{Color: (First + 4).mark(), Radius: 3.4, Shape: draw.RingGlyph{}}
		plt.Add(rings)
	}
	// At least a factor of 1.2 from below to above, so that noise doesn't look like a mountain.
	room := max(0, math.Log(1.2)-(high-low)) / 2
	plt.X.Min, plt.X.Max = -0.3, float64(max(s.Slots-1, 1))+0.3
	plt.Y.Min, plt.Y.Max = low-room, high+room
	if plt.Y.Min == plt.Y.Max {
		plt.Y.Max++
	}
	canvas := vgsvg.New(sparkWidth, sparkHeight)
	plt.Draw(draw.Crop(draw.New(canvas), 4, -4, 4, -4))
	var text strings.Builder
	if _, err := canvas.WriteTo(&text); err != nil {
		return "", fmt.Errorf("drawing %s: %w", s.Description, err)
	}
	return fmt.Sprintf(`<svg class="spark" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">%s</svg>`,
		sparkWidth, sparkHeight, sparkWidth, sparkHeight, html.EscapeString(s.Description), resolve(shorten(text.String()), Role.CSS)), nil
}
