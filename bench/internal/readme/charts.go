package readme

import (
	"errors"
	"fmt"
	"html"
	"path/filepath"
	"strings"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/history"
	"github.com/fencert/fencert/bench/internal/report"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

// A File is one that README shows or that stands beside it, with its path seen from the checkout.
type File struct {
	Path string
	Data []byte
}

// Charts returns what README shows of a run: how each row stands against the best rival, and the times of
// the row that README is about over CPU counts, if the run has it.
func Charts(log *results.Log) ([]*chart.Chart, error) {
	r, err := tables.Describe(log)
	if err != nil {
		return nil, err
	}
	var list []*chart.Chart
	if c := report.Headline(r, 620); c != nil {
		list = append(list, c)
	}
	if c := report.Panel(r, "Lifecycle", "callbacks=1", "sec/op"); c != nil {
		c.Width, c.Height = 400, 240
		list = append(list, c)
	}
	return list, nil
}

// chartPath is where a chart of README stands, seen from the checkout.
func chartPath(folder string, i int, theme chart.Theme) string {
	return fmt.Sprintf("%s/%s/readme-%d-%s.svg", folder, report.ChartsDir, i+1, theme.Name)
}

// pictures refers to the charts in the reader's theme. They say in words what they show.
func pictures(folder string, charts []*chart.Chart) string {
	var s strings.Builder
	for i, c := range charts {
		fmt.Fprintf(&s, "<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"%s\"><img src=\"%s\" alt=\"%s\"></picture>\n\n",
			html.EscapeString(chartPath(folder, i, chart.Dark)), html.EscapeString(chartPath(folder, i, chart.Light)),
			html.EscapeString(c.Title+". "+strings.Replace(c.Description, "The table below has the figures.", "", 1)))
	}
	return s.String()
}

// Pictures draws the charts that Contents refers to.
func Pictures(checkout, folder string) ([]File, error) {
	log, err := read(checkout, folder)
	if err != nil {
		return nil, err
	}
	charts, err := Charts(log)
	if err != nil {
		return nil, err
	}
	var files []File
	for i, c := range charts {
		for _, theme := range []chart.Theme{chart.Light, chart.Dark} {
			svg, err := c.File(&theme)
			if err != nil {
				return nil, err
			}
			files = append(files, File{chartPath(folder, i, theme), []byte(svg)})
		}
	}
	return files, nil
}

// History makes the index of the runs that an index of results lists, and the page of it.
func History(checkout, index string) ([]File, error) {
	names, _, err := Listed(index)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, n := range names {
		if filepath.Base(n) != n || n == ".." {
			return nil, fmt.Errorf("%s: %w", n, ErrPlace)
		}
		folders = append(folders, filepath.Join(checkout, resultsDir, n))
	}
	x, err := history.Index(folders)
	if err != nil {
		return nil, err
	}
	text, err := schema.Encode(x)
	page, err2 := report.History(x)
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	return []File{{resultsDir + "/" + schema.IndexFile, text}, {resultsDir + "/" + report.HistoryFile, page}}, nil
}
