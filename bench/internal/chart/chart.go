package chart

import (
	"math"
)

// A Point is a median with its interval. Low and High are NaN, or equal, where there is none.
type Point struct{ X, Y, Low, High float64 }

// A Form is how a series is drawn.
type Form uint8

// The forms.
const (
	Joined Form = iota // shapes, joined by a line
	Line               // a dashed line without shapes: a limit, an ideal
	Shapes             // shapes alone
)

// A Series is what has one color and one line of the legend.
type Series struct {
	Name   string
	Role   Role
	Form   Form
	Shape  Role // whose shape it has; 0 is that of Role
	Points []Point
}

// A Tick is a place on an axis with its label, "" for a small one.
type Tick struct {
	At    float64
	Label string
}

// An Axis is one of the two. Without Ticks it finds some itself and labels them by Format.
type Axis struct {
	Label    string
	Log      bool
	Min, Max float64 // both 0: as the points are
	Ticks    []Tick
	Format   func(float64) string
}

// A Rule is a straight line across the chart.
type Rule struct {
	At   float64
	Role Role
}

// A Chart is what is drawn. With Sideways the intervals are along X, and Y is a list of names.
type Chart struct {
	Title       string
	Description string // what a screen reader says of it
	X, Y        Axis
	Sideways    bool
	Upright     []Rule // at places on X
	Series      []Series
	Width       float64 // in CSS pixels; 0 is 320
	Height      float64 // 0 is 200
}

// Panel is the default size.
const (
	panelWidth  = 320
	panelHeight = 200
)

func (c *Chart) size() (w, h float64) {
	w, h = c.Width, c.Height
	if w == 0 {
		w = panelWidth
	}
	if h == 0 {
		h = panelHeight
	}
	return w, h
}

// good tells whether a point can be drawn on the chart's axes.
func (c *Chart) good(p Point) bool {
	return usable(p.X, c.X.Log) && usable(p.Y, c.Y.Log)
}

func usable(x float64, log bool) bool {
	return math.Abs(x) < huge && (!log || x > 1/huge)
}

// huge is what no measurement comes near; ratios of anything below are still numbers.
const huge = 1e100

// interval is a point's, cut to what the axis can show; ok is false where there is none.
func (c *Chart) interval(p Point) (low, high float64, ok bool) {
	axis, at := c.Y, p.Y
	if c.Sideways {
		axis, at = c.X, p.X
	}
	if !usable(p.Low, axis.Log) || !usable(p.High, axis.Log) || p.Low >= p.High {
		return 0, 0, false
	}
	// As gonum computes it, from the distance: a far end may come out at zero, which no logarithm has.
	low, high = min(p.Low, at), max(p.High, at)
	return low, high, !axis.Log || at-(at-low) > 0
}

// Span is the range of the points and intervals of series along their values, widened a little;
// with it several charts share an axis. Both are 0 without points.
func Span(log, sideways bool, series ...Series) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range series {
		for _, p := range s.Points {
			at := p.Y
			if sideways {
				at = p.X
			}
			for _, x := range []float64{at, p.Low, p.High} {
				if usable(x, log) {
					low, high = min(low, x), max(high, x)
				}
			}
		}
	}
	if low > high {
		return 0, 0
	}
	return widen(low, high, log)
}

// widen leaves room at both ends; a linear axis of positive values begins at 0.
func widen(low, high float64, log bool) (float64, float64) {
	if log {
		f := math.Pow(high/low, 0.06)
		if high/low < 1.5 {
			f = 1.3
		}
		return low / f, high * f
	}
	room := 0.08 * (high - low)
	if low >= 0 {
		low, room = 0, 0.08*high
	} else {
		low -= room
	}
	if room == 0 {
		room = 1
	}
	return low, high + room
}
