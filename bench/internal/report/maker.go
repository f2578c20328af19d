package report

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"strings"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/schema"
)

// A maker draws, numbers what it drew, and keeps it for the folder of charts.
type maker struct {
	n     int
	files []File
	names map[string]bool
	err   error
}

// headline draws the verdicts twice: for a wide page and for a narrow one.
func (m *maker) headline(v *view, r *schema.Results) {
	if c := Headline(r, 760); c != nil {
		for _, x := range c.Series {
			v.Marks = append(v.Marks, key{x.Name, fmt.Sprintf("mark m%d s%d", x.Role, cmp.Or(x.Shape, x.Role))})
		}
		v.Wide = m.draw(c, "headline", true)
		narrow := Headline(r, 330)
		narrow.X.Label = "÷ behind, × ahead"
		v.Narrow = m.draw(narrow, "", false)
	}
}

// draw makes a chart's markup, and a file of it under a name if it has one.
func (m *maker) draw(c *chart.Chart, name string, picture bool) template.HTML {
	m.n++
	svg, err := c.Inline(fmt.Sprintf("chart%d", m.n))
	if errors.Is(err, chart.ErrEmpty) {
		return "" // all zero on a logarithmic axis, say; the table has it
	}
	if err != nil {
		m.err = errors.Join(m.err, err)
		return ""
	}
	if name != "" {
		m.keep(c, name, picture)
	}
	return template.HTML(svg)
}

func (m *maker) keep(c *chart.Chart, name string, picture bool) {
	name = FileName(name)
	for base, i := name, 2; m.names[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	m.names[name] = true
	file, err := c.File(nil)
	m.files = append(m.files, File{name + ".svg", []byte(file)})
	if picture {
		var b bytes.Buffer
		err = errors.Join(err, c.PNG(&b, chart.Light))
		m.files = append(m.files, File{name + ".png", b.Bytes()})
	}
	m.err = errors.Join(m.err, err)
}

var unnamable = regexp.MustCompile(`[^A-Za-z0-9.=]+`)

// FileName turns a title into the name of a file: no separators, no leading dot, not too long.
func FileName(title string) string {
	name := strings.Trim(unnamable.ReplaceAllString(title, "-"), "-.")
	if name == "" {
		name = "chart"
	}
	return strings.TrimRight(name[:min(len(name), 100)], "-.")
}

// figure draws the panels of a figure.
func (m *maker) figure(f *figure) *drawn {
	d := &drawn{}
	for _, e := range f.Legend {
		class := "mark m" + fmt.Sprint(int(e.Role))
		if e.Line {
			class += " line"
		}
		d.Legend = append(d.Legend, key{e.Name, class})
	}
	for _, p := range f.Panels {
		if svg := m.draw(p.Chart, p.Chart.Title, false); svg != "" {
			d.Panels = append(d.Panels, drawing{p.Name, svg})
		}
	}
	if len(d.Panels) == 0 {
		return nil
	}
	return d
}

// number gives a table its name in the page.
func (m *maker) number(g *grid) *grid {
	m.n++
	g.ID = fmt.Sprintf("table%d", m.n)
	g.Filter = len(g.Rows) >= filterFrom
	return g
}
