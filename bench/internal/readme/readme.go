// Package readme keeps the figures in README.md and the index of results the same as the
// committed measurements: both are made from the files, between marks, and a test makes
// them again.
package readme

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/fencert/fencert/bench/internal/report"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/tables"
)

// Errors. Test with errors.Is.
var (
	// ErrMarks: the text has no marks of that kind, or more than one pair.
	ErrMarks = errors.New("not one pair of marks")
	// ErrPlace: the folder isn't one of those directly below results.
	ErrPlace = errors.New("not a run's folder below results")
)

// Empty is what README.md says before a run was committed.
const Empty = "no run committed yet"

// None is the name between the marks before a run was committed.
const None = "none"

// resultsDir is where runs are committed, seen from the checkout.
const resultsDir = "results"

// The marks, in README.md and in results/README.md.
var (
	block = regexp.MustCompile(`(?s)<!-- results:begin (\S+) -->\n(.*?)<!-- results:end -->`)
	index = regexp.MustCompile(`(?s)<!-- runs:begin -->\n(.*?)<!-- runs:end -->`)
)

// Folder returns the folder that the text's block names, and the block's contents.
func Folder(text string) (folder, contents string, err error) {
	m := block.FindAllStringSubmatch(text, -1)
	if len(m) != 1 {
		return "", "", fmt.Errorf("%w: results:begin FOLDER ... results:end", ErrMarks)
	}
	return m[0][1], m[0][2], nil
}

// Replace returns the text with its block made from a folder of results. checkout is where
// the project lies, folder the run's, with slashes and seen from there: results/NAME.
func Replace(text, checkout, folder string) (string, error) {
	if _, _, err := Folder(text); err != nil {
		return "", err
	}
	contents, err := Contents(checkout, folder)
	if err != nil {
		return "", err
	}
	made := fmt.Sprintf("<!-- results:begin %s -->\n%s<!-- results:end -->", folder, contents)
	return block.ReplaceAllLiteralString(text, made), nil
}

// Contents makes the contents of the block: where the figures are from, where ours is
// behind, and the table.
func Contents(checkout, folder string) (string, error) {
	log, err := read(checkout, folder)
	if err != nil {
		return "", err
	}
	table, err := tables.Markdown(log)
	if err != nil {
		return "", err
	}
	charts, err := Charts(log)
	if err != nil {
		return "", err
	}
	sentence, rows, _ := strings.Cut(table, "\n\n")
	return fmt.Sprintf("Measured %s on %s; medians, %s samples of %s each. [All rows, intervals and p-values](%s/%s), [all runs](%s).\n\n%s\n\n%s%s",
		results.Date(folder), where(log), orUnknown(log.Get("count")), orUnknown(log.Get("benchtime")),
		folder, results.TablesFile, resultsDir+"/"+report.HistoryFile, sentence, pictures(folder, charts), rows), nil
}

// Line makes a run's line in the index of results.
func Line(checkout, folder string) (string, error) {
	log, err := read(checkout, folder)
	if err != nil {
		return "", err
	}
	name := path.Base(folder)
	rows := map[string]bool{}
	for _, r := range log.Results {
		rows[r.Name.String()] = true
	}
	return fmt.Sprintf("| [%s](%s/%s) | %s | %s | %d | %d |\n",
		name, name, results.TablesFile, results.Date(folder), where(log), len(rows), len(log.Results)), nil
}

// Listed returns the names of the runs in an index, in its order, and their lines.
func Listed(text string) (names, lines []string, err error) {
	m := index.FindAllStringSubmatch(text, -1)
	if len(m) != 1 {
		return nil, nil, fmt.Errorf("%w: runs:begin ... runs:end", ErrMarks)
	}
	for line := range strings.Lines(m[0][1]) {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "| ["), "]("); ok && strings.HasPrefix(line, "| [") {
			names, lines = append(names, name), append(lines, line)
		}
	}
	return names, lines, nil
}

// indexHead begins the table of runs.
const indexHead = "| run | date | machine | rows by CPU counts | samples |\n|---|---|---|--:|--:|\n"

// Add returns the index with a run's line in it, in place of an older one of that run.
// Runs are in the order of their names, which is that of time.
func Add(text, checkout, folder string) (string, error) {
	names, lines, err := Listed(text)
	if err != nil {
		return "", err
	}
	made, err := Line(checkout, folder)
	if err != nil {
		return "", err
	}
	var table strings.Builder
	table.WriteString(indexHead)
	name, written := path.Base(folder), false
	for i, n := range names {
		if !written && n >= name {
			table.WriteString(made)
			written = true
		}
		if n != name {
			table.WriteString(lines[i])
		}
	}
	if !written {
		table.WriteString(made)
	}
	return index.ReplaceAllLiteralString(text, "<!-- runs:begin -->\n"+table.String()+"<!-- runs:end -->"), nil
}

func read(checkout, folder string) (*results.Log, error) {
	if dir, name := path.Split(folder); dir != resultsDir+"/" || name == "" || name == "." || name == ".." {
		return nil, fmt.Errorf("%s: %w", folder, ErrPlace)
	}
	return results.Read(filepath.Join(checkout, filepath.FromSlash(folder)))
}

// where describes machine, system, compiler and commit.
func where(log *results.Log) string {
	commit := orUnknown(log.Get("commit"))
	if len(commit) > 7 && commit != "unknown" {
		commit = commit[:7]
	}
	if log.Get("dirty") == "yes" {
		commit += " with changes"
	}
	return fmt.Sprintf("%s (%s CPUs, hypervisor %s), %s/%s, kernel %s, %s, commit %s",
		orUnknown(log.Get("cpu")), orUnknown(log.Get("cpus")), orUnknown(log.Get("hypervisor")),
		orUnknown(log.Get("goos")), orUnknown(log.Get("goarch")), orUnknown(log.Get("kernel")),
		orUnknown(log.Get("go")), commit)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return strings.ReplaceAll(s, "|", "/") // it goes into tables
}
