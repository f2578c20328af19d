package chart

import (
	"fmt"
	"html"
	"io"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Inline returns the chart as an element of a page, without a legend: the page has one. Colors are the
// custom properties of CSS that Theme.Properties gives; id is the element's own.
func (c *Chart) Inline(id string) (string, error) {
	w, h := c.size()
	body, err := c.body(w, h, false)
	if err != nil {
		return "", err
	}
	body = resolve(body, Role.CSS)
	return fmt.Sprintf(`<svg class="chart" viewBox="0 0 %g %g" width="%g" height="%g" role="img" aria-labelledby="%s-t %s-d">`+
		`<title id="%s-t">%s</title><desc id="%s-d">%s</desc>%s</svg>`,
		w, h, w, h, html.EscapeString(id), html.EscapeString(id), html.EscapeString(id), html.EscapeString(c.Title),
		html.EscapeString(id), html.EscapeString(c.Description), body), nil
}

// File returns the chart as a file of its own, with title and legend. Without a theme it has both and
// follows what the reader prefers, which is for opening it alone; with one it is transparent and fixed, for a
// page that chooses by itself.
func (c *Chart) File(theme *Theme) (string, error) {
	w, h := c.fileSize()
	body, err := c.body(w, h, true)
	if err != nil {
		return "", err
	}
	style, ground := "", ""
	if theme != nil {
		body = resolve(body, func(r Role) string { return theme.colors[r] })
	} else {
		body = resolve(body, Role.CSS)
		style = fmt.Sprintf("<style>:root{%s--ground:%s}@media(prefers-color-scheme:dark){:root{%s--ground:%s}}</style>",
			Light.Properties(), Light.Ground, Dark.Properties(), Dark.Ground)
		ground = `<rect width="100%" height="100%" style="fill:var(--ground)"/>`
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" role="img" aria-labelledby="t d">`+
		`<title id="t">%s</title><desc id="d">%s</desc>%s%s%s</svg>`+"\n",
		w, h, w, h, html.EscapeString(c.Title), html.EscapeString(c.Description), style, ground, body), nil
}

// PNG writes the chart as File does, at twice the size, on the theme's ground.
func (c *Chart) PNG(out io.Writer, theme Theme) error {
	w, h := c.fileSize()
	canvas := vgimg.NewWith(vgimg.UseWH(vg.Length(w), vg.Length(h)), vgimg.UseDPI(144), vgimg.UseBackgroundColor(groundOf(theme)))
	if err := c.draw(draw.New(canvas), theme.value, true); err != nil {
		return err
	}
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(out); err != nil {
		return fmt.Errorf("writing the picture of %s: %w", c.Title, err)
	}
	return nil
}

// fileSize is that of a file: beside the chart there are a title and a legend.
func (c *Chart) fileSize() (w, h float64) {
	w, h = c.size()
	return w + c.legendWidth(), h + 24
}

// legendWidth is 0 when a legend would say nothing.
func (c *Chart) legendWidth() float64 {
	if len(c.Series) < 2 {
		return 0
	}
	style := letters(Ink.mark(), textSize)
	widest := vg.Length(0)
	for _, s := range c.Series {
		widest = max(widest, style.Width(s.Name))
	}
	return float64(widest) + 22 + 2*legendGap
}

// body draws onto an SVG canvas and takes out what is between its head and its end.
func (c *Chart) body(w, h float64, alone bool) (string, error) {
	canvas := vgsvg.New(vg.Length(w), vg.Length(h))
	if err := c.draw(draw.New(canvas), Role.mark, alone); err != nil {
		return "", err
	}
	var text strings.Builder
	if _, err := canvas.WriteTo(&text); err != nil {
		return "", fmt.Errorf("drawing %s: %w", c.Title, err)
	}
	return shorten(text.String()), nil
}

// draw puts the chart on a canvas, alone with a title and a legend.
func (c *Chart) draw(dc draw.Canvas, col colors, alone bool) error {
	p, legend, err := c.make(col)
	if err != nil {
		return err
	}
	if !alone {
		p.Draw(draw.Crop(dc, 2, -4, 2, -4))
		return nil
	}
	title := letters(col(Ink), 11)
	title.XAlign = 0
	dc.FillText(title, vg.Point{X: 6, Y: dc.Max.Y - 6}, c.Title)
	side := vg.Length(c.legendWidth())
	p.Draw(draw.Crop(dc, 2, -4-side, 2, -24))
	if side > 0 {
		legend.Draw(draw.Crop(dc, dc.Max.X-side+legendGap, 0, 0, -26))
	}
	return nil
}

var (
	prologue = regexp.MustCompile(`(?s)^.*?<svg[^>]*>\s*`)
	fonts    = regexp.MustCompile(`font-family:[^;"]*;font-variant:[^;"]*;font-weight:normal;font-style:normal;font-size:`)
	spaces   = regexp.MustCompile(`\s*\n\s*`)
)

// shorten leaves the drawing alone of a file, with a list of typefaces that is the same everywhere.
func shorten(svg string) string {
	svg = prologue.ReplaceAllString(svg, "")
	svg = strings.TrimSuffix(strings.TrimSpace(svg), "</svg>")
	svg = fonts.ReplaceAllString(svg, "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;font-size:")
	svg = strings.ReplaceAll(svg, ";stroke-opacity:1", "")
	return spaces.ReplaceAllString(svg, " ")
}
