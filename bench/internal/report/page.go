package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

var (
	//go:embed page/report.html
	reportHTML string
	//go:embed page/history.html
	historyHTML string
	//go:embed page/style.css
	styleText string
	//go:embed page/script.js
	scriptText string
)

// pages are the templates. What they share stands in the report's.
var pages = func() *template.Template {
	t := template.Must(template.New("report").Parse(reportHTML))
	template.Must(t.New("history").Parse(historyHTML))
	return t
}()

// A Report is a page and the drawings beside it, by their names in ChartsDir.
type Report struct {
	HTML   []byte
	Charts []File
}

// A File is a drawing.
type File struct {
	Name string
	Data []byte
}

// A section is a chapter of the page.
type section struct {
	ID, Name, Says string
	Parts          []part
}

// A part is a figure with its table.
type part struct {
	Name   string
	Figure *drawn
	Grid   *grid
	Beside bool // the two have room beside each other
}

// drawn is a figure whose charts have become markup.
type drawn struct {
	Legend []key
	Panels []drawing
}

// A key is an entry of a legend with its color in CSS and its kind of mark.
type key struct {
	Name, Class string
}

// A drawing is a panel's.
type drawing struct {
	Name string
	SVG  template.HTML // made by package chart, which escapes all text
}

// A chapter groups sections under one heading.
type chapter struct {
	ID, Name, Says string
	Sections       []section
}

// shell is what all pages have.
type shell struct {
	Title  string
	Policy string
	Style  template.CSS
	Script template.JS
}

// view is what the template of a report sees.
type view struct {
	shell
	R               *schema.Results
	Meta            []string
	Summary         []string
	Wide, Narrow    template.HTML
	Marks           []key
	Verdicts        *grid
	Chapters        []chapter
	Doctor          []Finding
	Asked           bool
	Noise           *grid
	Statistic       string
	BenchURL        template.URL
	JSONURL         template.URL
	BenchKB, JSONKB int
	History         string
	Comparisons     int
}

// A maker draws, numbers what it drew, and keeps it for the folder of charts.
type maker struct {
	n     int
	files []File
	names map[string]bool
	err   error
}

// Make makes the page. For a full run it takes a second or two.
func Make(in *Input) (*Report, error) {
	m := &maker{names: map[string]bool{}}
	r := in.Results
	v := &view{
		shell: newShell(titleOf(r)), R: r, Meta: meta(r), Summary: summary(r),
		Doctor: in.Doctor, Asked: in.Doctor != nil, History: in.History,
	}
	m.headline(v, r)
	if len(r.Verdicts) > 0 {
		v.Verdicts = m.number(verdictGrid(r))
	}
	v.Chapters = m.chapters(in)
	if in.Noise != nil {
		v.Noise, v.Statistic = m.number(noiseGrid(in.Noise)), in.Noise.Statistic
	}
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			for _, c := range row.Cells {
				if c.Against != nil && t.Unit != "allocs/op" {
					v.Comparisons++
				}
			}
		}
	}
	data, err := schema.Encode(r)
	if err = errors.Join(m.err, err); err != nil {
		return nil, err
	}
	v.BenchURL, v.JSONURL = dataURL("text/plain", in.Bench), dataURL("application/json", data)
	v.BenchKB, v.JSONKB = (len(in.Bench)+1023)/1024, (len(data)+1023)/1024
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, "report", v); err != nil {
		return nil, fmt.Errorf("making the page: %w", err)
	}
	return &Report{page.Bytes(), m.files}, nil
}

func newShell(title string) shell {
	style := ":root{color-scheme:light dark;--ground:" + chart.Light.Ground + ";" + chart.Light.Properties() + "}\n" +
		"@media(prefers-color-scheme:dark){:root{--ground:" + chart.Dark.Ground + ";" + chart.Dark.Properties() + "}}\n" + styleText
	sum := sha256.Sum256([]byte(scriptText))
	return shell{
		Title: title, Style: template.CSS(style), Script: template.JS(scriptText),
		Policy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; script-src 'sha256-" +
			base64.StdEncoding.EncodeToString(sum[:]) + "'",
	}
}

// dataURL holds a file within the page. Its only characters are those of the encoding.
func dataURL(kind string, data []byte) template.URL {
	return template.URL("data:" + kind + ";charset=utf-8;base64," + base64.StdEncoding.EncodeToString(data))
}

func get(r *schema.Results, key string) string {
	for _, p := range r.Environment {
		if p.Key == key && p.Value != "" {
			return p.Value
		}
	}
	return "unknown"
}

func titleOf(r *schema.Results) string {
	if r.Folder == "" {
		return "Fence benchmarks"
	}
	return "Fence benchmarks, " + results.Date(r.Folder)
}

// meta tells in a few words where the figures are from.
func meta(r *schema.Results) []string {
	commit := get(r, "commit")
	if len(commit) > 7 && commit != "unknown" {
		commit = commit[:7]
	}
	if get(r, "dirty") == "yes" {
		commit += " with changes"
	}
	return []string{
		fmt.Sprintf("%s, %s CPUs, hypervisor %s", get(r, "cpu"), get(r, "cpus"), get(r, "hypervisor")),
		fmt.Sprintf("%s/%s, kernel %s, %s", get(r, "goos"), get(r, "goarch"), get(r, "kernel"), get(r, "go")),
		"commit " + commit,
		fmt.Sprintf("%s samples of %s each", get(r, "count"), get(r, "benchtime")),
	}
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

// noiseGrid lists floors, the worst first.
func noiseGrid(n *Noise) *grid {
	rows := slices.Clone(n.Rows)
	slices.SortStableFunc(rows, func(a, b Floor) int {
		switch {
		case a.Floor > b.Floor:
			return -1
		case a.Floor < b.Floor:
			return 1
		}
		return 0
	})
	g := &grid{Caption: "Noise floors: differences between runs below these mean nothing",
		Head: []head{{Name: "row"}, {Name: "unit"}, {Name: "samples", Number: true}, {Name: "floor", Number: true}}}
	for _, f := range rows {
		g.Rows = append(g.Rows, []td{text(strings.TrimPrefix(f.Name, "Benchmark")), text(f.Unit), {Text: fmt.Sprint(f.Samples), Number: true},
			{Text: fmt.Sprintf("%.1f %%", 100*f.Floor), Sort: fmt.Sprint(f.Floor), Number: true}})
	}
	return g
}
