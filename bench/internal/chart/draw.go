package chart

import (
	"cmp"
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// sans is the typeface; browsers have it or one with the same widths.
var (
	sans   = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plain  = text.Plain{Fonts: font.NewCache(liberation.Collection())}
	shapes = []draw.GlyphDrawer{
		draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{},
		draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{},
	}
)

const (
	textSize  = 9.5
	legendGap = 10
)

// colors is how roles are drawn: by their marks, or in a theme's values.
type colors func(Role) color.Color

func letters(c color.Color, size vg.Length) text.Style {
	return text.Style{Color: c, Font: font.From(sans, size), Handler: plain, XAlign: text.XCenter, YAlign: text.YTop}
}

// make turns the chart into gonum's, and returns its legend apart.
func (c *Chart) make(col colors) (*plot.Plot, *plot.Legend, error) {
	p := plot.New()
	p.TextHandler, p.BackgroundColor = plain, nil
	c.axis(&p.X, c.X, col)
	c.axis(&p.Y, c.Y, col)
	p.X.Label.TextStyle.YAlign = text.YBottom
	p.Y.Label.TextStyle.YAlign = text.YBottom
	p.Y.Tick.Label.XAlign, p.Y.Tick.Label.YAlign = text.XRight, text.YCenter
	grid := plotter.NewGrid()
	for _, l := range []*draw.LineStyle{&grid.Horizontal, &grid.Vertical} {
		*l = draw.LineStyle{Color: col(Grid), Width: 0.75}
	}
	if !c.Sideways {
		grid.Vertical.Color = nil
	}
	p.Add(grid)
	legend := &plot.Legend{Top: true, Left: true, ThumbnailWidth: 16, Padding: 3, YPosition: draw.PosCenter, TextStyle: letters(col(Ink), textSize)}
	legend.TextStyle.XAlign, legend.TextStyle.YAlign = text.XLeft, text.YBottom
	drawn := 0
	for i := range c.Series {
		n, err := c.add(p, legend, &c.Series[i], col)
		if err != nil {
			return nil, nil, err
		}
		drawn += n
	}
	if drawn == 0 {
		return nil, nil, fmt.Errorf("%s: %w", c.Title, ErrEmpty)
	}
	c.limits(p)
	for _, r := range c.Upright {
		if err := upright(p, r, col); err != nil {
			return nil, nil, err
		}
	}
	return p, legend, nil
}

func (c *Chart) axis(a *plot.Axis, from Axis, col colors) {
	a.Label.Text = from.Label
	a.Label.TextStyle = letters(col(Ink), textSize)
	a.Label.Padding = 3
	a.Tick.Label = letters(col(Ink), textSize)
	a.LineStyle = draw.LineStyle{Color: col(Ink), Width: 0.75}
	a.Tick.LineStyle = a.LineStyle
	a.Tick.Length = 3
	a.Padding = 3
	if from.Log {
		a.Scale = plot.LogScale{}
	}
	a.Tick.Marker = plot.TickerFunc(func(low, high float64) []plot.Tick {
		var list []plot.Tick
		for _, t := range from.ticks(low, high) {
			list = append(list, plot.Tick{Value: t.At, Label: t.Label})
		}
		return list
	})
}

// limits are the ends of the axes: the chart's, or those of its points with some room.
func (c *Chart) limits(p *plot.Plot) {
	for i, a := range []Axis{c.X, c.Y} {
		to := []*plot.Axis{&p.X, &p.Y}[i]
		switch {
		case a.Min != 0 || a.Max != 0:
			to.Min, to.Max = a.Min, a.Max
		case (i == 1) == c.Sideways && a.Ticks != nil: // names, or places that are all labeled
			to.Min, to.Max = ends(a, to.Min, to.Max)
		default:
			to.Min, to.Max = widen(to.Min, to.Max, a.Log)
		}
	}
}

// ends leaves room around labeled places.
func ends(a Axis, low, high float64) (float64, float64) {
	if a.Log {
		f := 1.15
		if high/low > 8 {
			f = 1.3
		}
		return low / f, high * f
	}
	return low - 0.5, high + 0.5
}

// add draws a series and enters it into the legend. It returns how many points it has.
func (c *Chart) add(p *plot.Plot, legend *plot.Legend, s *Series, col colors) (int, error) {
	var points plotter.XYs
	var bars whiskers
	for _, q := range s.Points {
		if !c.good(q) {
			continue
		}
		points = append(points, plotter.XY{X: q.X, Y: q.Y})
		at := q.Y
		if c.Sideways {
			at = q.X
		}
		low, high, ok := c.interval(q)
		if !ok {
			low, high = at, at
		}
		bars.XYs = append(bars.XYs, points[len(points)-1])
		bars.ends = append(bars.ends, [2]float64{at - low, high - at})
	}
	if len(points) == 0 {
		return 0, nil
	}
	if s.Form == Line {
		return c.addLine(p, legend, s, points, col)
	}
	if err := c.addBars(p, bars, col(s.Role)); err != nil {
		return 0, err
	}
	scatter, err := plotter.NewScatter(points)
	if err != nil {
		return 0, fmt.Errorf("drawing %s: %w", s.Name, err)
	}
	scatter.GlyphStyle = draw.GlyphStyle{Color: col(s.Role), Radius: 2.6, Shape: shape(cmp.Or(s.Shape, s.Role))}
	if s.Form == Joined {
		line, err := plotter.NewLine(points)
		if err != nil {
			return 0, fmt.Errorf("drawing %s: %w", s.Name, err)
		}
		line.LineStyle = draw.LineStyle{Color: col(s.Role), Width: 1.2}
		p.Add(line)
		p.Add(scatter)
		legend.Add(s.Name, line, scatter)
		return len(points), nil
	}
	p.Add(scatter)
	legend.Add(s.Name, scatter)
	return len(points), nil
}

func shape(r Role) draw.GlyphDrawer {
	if r < First {
		return draw.CircleGlyph{}
	}
	return shapes[int(r-First)%len(shapes)]
}

// addLine draws a limit: across the whole chart when it is a single point.
func (c *Chart) addLine(p *plot.Plot, legend *plot.Legend, s *Series, points plotter.XYs, col colors) (int, error) {
	if len(points) == 1 {
		x, y := points[0].X, points[0].Y
		f := 1.12
		switch {
		case c.Sideways:
			points = plotter.XYs{{X: x, Y: y - 0.4}, {X: x, Y: y + 0.4}}
		case c.X.Log:
			points = plotter.XYs{{X: x / f, Y: y}, {X: x * f, Y: y}}
		default:
			points = plotter.XYs{{X: x - 0.4, Y: y}, {X: x + 0.4, Y: y}}
		}
	}
	line, err := plotter.NewLine(points)
	if err != nil {
		return 0, fmt.Errorf("drawing %s: %w", s.Name, err)
	}
	dashes := []vg.Length{4, 2.5}
	if s.Role == Muted {
		dashes = []vg.Length{1, 2}
	}
	line.LineStyle = draw.LineStyle{Color: col(s.Role), Width: 1.1, Dashes: dashes}
	p.Add(line)
	legend.Add(s.Name, line)
	return len(points), nil
}

// whiskers are points with the distances to the ends of their intervals.
type whiskers struct {
	plotter.XYs
	ends [][2]float64
}

// XError and YError are what gonum asks for.
func (e whiskers) XError(i int) (float64, float64) { return e.ends[i][0], e.ends[i][1] }
func (e whiskers) YError(i int) (float64, float64) { return e.ends[i][0], e.ends[i][1] }

func (c *Chart) addBars(p *plot.Plot, bars whiskers, ink color.Color) error {
	style := draw.LineStyle{Color: ink, Width: 0.7}
	if c.Sideways {
		b, err := plotter.NewXErrorBars(bars)
		if err != nil {
			return fmt.Errorf("drawing intervals: %w", err)
		}
		b.LineStyle, b.CapWidth = style, 4
		p.Add(b)
		return nil
	}
	b, err := plotter.NewYErrorBars(bars)
	if err != nil {
		return fmt.Errorf("drawing intervals: %w", err)
	}
	b.LineStyle, b.CapWidth = style, 4
	p.Add(b)
	return nil
}

func upright(p *plot.Plot, r Rule, col colors) error {
	line, err := plotter.NewLine(plotter.XYs{{X: r.At, Y: p.Y.Min}, {X: r.At, Y: p.Y.Max}})
	if err != nil {
		return fmt.Errorf("drawing a rule: %w", err)
	}
	line.LineStyle = draw.LineStyle{Color: col(r.Role), Width: 1}
	p.Add(line)
	return nil
}
