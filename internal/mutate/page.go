package main

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"strings"
)

const intro = `# Faults in the real code, and what catches them

` + "`make mutants`" + ` puts each of these faults into the code, one at a time, and writes this page (go doc ./internal/mutate
tells how, and how to run a few of them). *Tests* are those of a normal build with -short, *explorer* is the schedule
explorer's; *runtime's* where it isn't the package itself that notices. The test that is named here is tried first the
next time. The seconds are those from the start of the check to its failure, without the building. "Nothing" is followed
by the reason why nothing can.
`

// mechanicalTitle is the last section.
const mechanicalTitle = "Faults made mechanically"

// A section of the page is replaced as a whole, or stays as it is.
type section struct{ title, text string }

// catcherCell reads the third cell of a row: the package, unless it is the fault's own, the check, and the test.
var catcherCell = regexp.MustCompile(`^(?:(\S+)'s )?(tests|explorer): (\w+)`)

// remember reads from the page which check caught each fault the last time: it is tried first.
func (r *round) remember() error {
	r.before = map[string]check{}
	if r.page == "" {
		return nil
	}
	text, err := os.ReadFile(r.page)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	for _, s := range split(string(text)) {
		for row := range strings.Lines(s.text) {
			cells := strings.Split(row, " | ")
			if len(cells) != 4 {
				continue
			}
			m := catcherCell.FindStringSubmatch(cells[2])
			if m == nil || !strings.HasPrefix(m[3], "Test") {
				continue
			}
			c := check{folder: cmp.Or(m[1], s.title), explore: m[2] == "explorer"}
			r.before[s.title+cells[0]+" | "+cells[1]+" | "] = c.only(m[3])
		}
	}
	return nil
}

// write puts the rows of this round into the page. Those of faults that it hasn't tried stay as they are, unless there is no
// such fault any more.
func (r *round) write() error {
	if r.page == "" {
		return nil
	}
	old, err := os.ReadFile(r.page)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	known := map[string]string{}
	for _, s := range split(string(old)) {
		known[s.title] = s.text
	}
	for _, p := range packages {
		known[p] = r.table(p, known[p])
	}
	if r.drawn > 0 && len(r.results) > 0 && r.results[len(r.results)-1].kind != "" {
		known[mechanicalTitle] = r.mechanicalText()
	}
	var b strings.Builder
	b.WriteString(intro)
	for _, title := range append(append([]string{}, packages...), mechanicalTitle) {
		if text := known[title]; text != "" {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", title, strings.TrimSpace(text))
		}
	}
	return os.WriteFile(r.page, []byte(b.String()), 0o666)
}

// split takes a page apart.
func split(page string) (all []section) {
	for _, part := range strings.Split("\n"+page, "\n## ")[1:] {
		title, text, _ := strings.Cut(part, "\n")
		all = append(all, section{strings.TrimSpace(title), text})
	}
	return all
}

// table has a row for each fault with a name that was tried, now or earlier.
func (r *round) table(folder, before string) string {
	rows := map[string]string{} // by how they begin
	for row := range strings.Lines(before) {
		if cells := strings.Split(row, " | "); len(cells) == 4 {
			rows[cells[0]+" | "+cells[1]+" | "] = row
		}
	}
	for _, res := range r.results {
		if res.kind == "" && res.folder() == folder {
			rows[res.rowBegin()] = res.row()
		}
	}
	var b strings.Builder
	tried, caught := 0, 0
	for _, f := range named() {
		row := rows[f.rowBegin()]
		if f.folder() != folder || row == "" {
			continue
		}
		if tried++; !strings.HasPrefix(row, f.rowBegin()+"nothing: ") {
			caught++
		}
		b.WriteString(row)
	}
	if tried == 0 {
		return ""
	}
	return fmt.Sprintf("%s, %d caught.\n\n| fault | file | caught by | seconds |\n|---|---|---|---|\n%s", plural(tried), caught, b.String())
}

func plural(faults int) string {
	if faults == 1 {
		return "1 fault"
	}
	return fmt.Sprint(faults, " faults")
}

func (f *fault) rowBegin() string {
	return fmt.Sprintf("| %s | %s | ", f.name, strings.TrimPrefix(f.file, f.folder()+"/"))
}

func (r *result) row() string {
	if r.passed {
		return r.rowBegin() + "nothing: " + r.reason() + " | |\n"
	}
	return fmt.Sprintf("%s%s | %.1f |\n", r.rowBegin(), r.catcher(), r.took.Seconds())
}

// catcher is the check that failed, and its test.
func (r *result) catcher() string {
	s := "tests"
	if r.by.explore {
		s = "explorer"
	}
	if r.by.folder != r.folder() {
		s = r.by.folder + "'s " + s
	}
	s += ": " + r.test
	if r.how != "fails" {
		s += " " + r.how
	}
	return s
}

func (r *result) reason() string {
	if r.harmless == "" {
		return "**unexplained**"
	}
	return r.harmless
}

// mechanicalText counts by kind, and names the survivors.
func (r *round) mechanicalText() string {
	type count struct{ drawn, caught int }
	counts := map[string]count{}
	var all count
	for _, res := range r.results {
		if res.kind == "" {
			continue
		}
		c := counts[res.kind]
		c.drawn++
		all.drawn++
		if !res.passed {
			c.caught++
			all.caught++
		}
		counts[res.kind] = c
	}
	var b strings.Builder
	of := ""
	if len(r.only) < len(packages) {
		of = " -packages " + strings.Join(r.only, ",")
	}
	fmt.Fprintf(&b, "`go run ./internal/mutate -named=false -mechanical %d -seed %d%s`: ", r.drawn, r.seed, of)
	if all.drawn < r.drawn {
		b.WriteString("the first ") // it was stopped, or there are no more
	}
	fmt.Fprintf(&b, "%s, %d caught (%d more that were drawn don't compile).\n\n", plural(all.drawn), all.caught, r.unbuilt)
	b.WriteString("| kind | drawn | caught |\n|---|---|---|\n")
	for _, k := range kinds {
		if c := counts[k]; c.drawn > 0 {
			fmt.Fprintf(&b, "| %s | %d | %d |\n", k, c.drawn, c.caught)
		}
	}
	if all.caught == all.drawn {
		return b.String()
	}
	b.WriteString("\nThose that nothing notices:\n\n| file | kind | in | why |\n|---|---|---|---|\n")
	for _, res := range r.results {
		if res.kind != "" && res.passed {
			fmt.Fprintf(&b, "| %s | %s | `%s` | %s |\n", res.file, res.kind, strings.ReplaceAll(res.where, "|", "\\|"), res.reason())
		}
	}
	return b.String()
}
