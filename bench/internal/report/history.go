package report

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/chart"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

// HistoryFile is the page about all runs, among their folders.
const HistoryFile = "history.html"

// historyView is what the template of the history sees.
type historyView struct {
	shell
	Runs     []runView
	Machines []string
	Trails   *grid
	Single   string // how many rows one run alone has
	Steps    string
	Meta     []string
}

// A runView is a line of the list of runs.
type runView struct {
	Number                           int
	Folder, Time, Commit, Conditions string
	Machine, Samples                 int
	Tables                           string
}

// History makes the page about all runs. The same index gives the same page.
func History(x *schema.Index) ([]byte, error) {
	v := &historyView{shell: newShell("Fence benchmarks, history")}
	before := map[string]string{}
	single, steps := 0, 0
	for i, r := range x.Runs {
		m := slices.Index(v.Machines, r.Machine)
		if m < 0 {
			m = len(v.Machines)
			v.Machines = append(v.Machines, r.Machine)
		}
		v.Runs = append(v.Runs, runView{
			Number: i + 1, Folder: r.Folder, Time: strings.NewReplacer("T", " ", "Z", "").Replace(r.Time), Commit: short(r.Commit),
			Machine: m + 1, Samples: r.Samples, Tables: r.Folder + "/" + results.TablesFile,
			Conditions: changes(before[r.Machine], r.Condition),
		})
		before[r.Machine] = r.Condition
	}
	g := &grid{ID: "rows", Caption: "Medians by run. A ring in the line and an arrow in the table mark a step; † means that conditions changed as well",
		Head: []head{{Name: "row"}, {Name: "CPUs", Number: true}, {Name: "implementation"}, {Name: "over the runs"}}}
	for i := range x.Runs {
		g.Head = append(g.Head, head{Name: fmt.Sprintf("run %d", i+1), Number: true})
	}
	for _, t := range x.Rows {
		if len(t.Points) < 2 {
			single++
			continue
		}
		line, n, err := trailLine(x, t)
		if err != nil {
			return nil, err
		}
		steps += n
		g.Rows = append(g.Rows, line)
	}
	v.Meta = []string{plural(len(v.Runs), "committed run"), plural(len(v.Machines), "machine")}
	v.Steps = plural(steps, "step")
	if single > 0 {
		v.Single = plural(single, "row")
	}
	if len(g.Rows) > 0 {
		g.Filter = len(g.Rows) >= filterFrom
		v.Trails = g
	}
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, "history", v); err != nil {
		return nil, fmt.Errorf("making the page about all runs: %w", err)
	}
	return page.Bytes(), nil
}

func short(commit string) string {
	hash, rest, _ := strings.Cut(commit, " ")
	if len(hash) > 7 && hash != "unknown" {
		hash = hash[:7]
	}
	return strings.TrimSpace(hash + " " + rest)
}

// changes names what differs between the conditions of two runs of one machine.
func changes(before, now string) string {
	if before == "" || before == now {
		return ""
	}
	old := strings.Split(before, ", ")
	var list []string
	for _, c := range strings.Split(now, ", ") {
		if !slices.Contains(old, c) {
			list = append(list, c)
		}
	}
	return strings.Join(list, ", ")
}

// trailLine is a row of the table, with how many steps it has.
func trailLine(x *schema.Index, t schema.Trail) (line []td, steps int, err error) {
	spark := &chart.Spark{Slots: len(x.Runs)}
	cells := make([]td, len(x.Runs))
	var words []string
	for i := range cells {
		cells[i].Number = true
	}
	for _, p := range t.Points {
		c := td{Text: tables.Spell(p.Median, t.Unit), Sort: fmt.Sprint(p.Median), Number: true}
		if p.Step != nil {
			steps++
			c.Note = arrow(p.Step)
			words = append(words, fmt.Sprintf("%s at run %d", percent(p.Step.Change), p.Run+1))
		}
		cells[p.Run] = c
		spark.Points = append(spark.Points, chart.SparkPoint{Slot: p.Run, Y: p.Median, Group: x.Runs[p.Run].Machine, Mark: p.Step != nil})
	}
	spark.Description = fmt.Sprintf("%d runs, no step", len(t.Points))
	if steps > 0 {
		spark.Description = fmt.Sprintf("%d runs, steps: %s", len(t.Points), strings.Join(words, ", "))
	}
	picture := td{Sort: fmt.Sprint(steps)}
	if svg, err := spark.SVG(); err == nil {
		picture.Picture = template.HTML(svg) // made by package chart, which escapes all text
	}
	name := t.Row()
	if t.Unit != "sec/op" {
		name += ", " + tables.UnitName(t.Unit)
	}
	line = append([]td{text(name), {Text: fmt.Sprint(t.CPUs), Sort: fmt.Sprint(t.CPUs), Number: true}, text(t.Impl), picture}, cells...)
	return line, steps, nil
}

func arrow(s *schema.Step) string {
	mark := "▲ "
	if s.Change < 0 {
		mark = "▼ "
	}
	text := mark + percent(s.Change)
	if s.Condition {
		text += " †"
	}
	return text
}
