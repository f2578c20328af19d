package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
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
