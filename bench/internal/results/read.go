package results

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// Errors of reading. Test with errors.Is.
var (
	ErrEmpty  = errors.New("no benchmark lines")
	ErrBroken = errors.New("not in the benchmark format")
	ErrNone   = errors.New("no results yet")
)

// NotePrefix begins the lines of a file that speak of the run instead of holding a
// measurement. Readers of the benchmark format skip them.
const NotePrefix = "# "

// A Log is a file's contents.
type Log struct {
	Path    string
	Results []*benchfmt.Result
	Notes   []string // without the prefix
	Header  []benchfmt.Config
}

// Get returns a value of the file's header, "" where it has none.
func (l *Log) Get(key string) string {
	for _, c := range l.Header {
		if c.Key == key {
			return string(c.Value)
		}
	}
	return ""
}

// Read reads a file in the benchmark format, or the one in a folder of results. A last
// line without its end was cut short when the run died: it is left out, with a note.
func Read(path string) (*Log, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, BenchFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parse(path, text)
}

func parse(path string, text []byte) (*Log, error) {
	log := &Log{Path: path}
	if cut := bytes.LastIndexByte(text, '\n') + 1; cut < len(text) {
		text = text[:cut]
		log.Notes = append(log.Notes, "the last line of "+filepath.Base(path)+" is incomplete and was left out")
	}
	for line := range strings.Lines(string(text)) {
		if note, ok := strings.CutPrefix(line, NotePrefix); ok {
			log.Notes = append(log.Notes, strings.TrimSpace(note))
		}
	}
	r := benchfmt.NewReader(bytes.NewReader(text), path)
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			for _, v := range rec.Values {
				if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
					return nil, fmt.Errorf("%w: %s: a value of %s isn't a number", ErrBroken, path, rec.Name)
				}
			}
			log.Results = append(log.Results, rec.Clone())
		case *benchfmt.SyntaxError:
			return nil, fmt.Errorf("%w: %w", ErrBroken, rec)
		}
	}
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if len(log.Results) == 0 {
		return nil, fmt.Errorf("%s: %w", path, ErrEmpty)
	}
	log.Header = log.Results[0].Config
	return log, nil
}

// Newest returns the folder of the latest run below parent: of those under version
// control if there are any, else of all.
func Newest(parent string) (string, error) {
	files := committed(parent)
	if len(files) == 0 {
		var err error
		if files, err = filepath.Glob(filepath.Join(parent, "*", BenchFile)); err != nil {
			return "", err
		}
	}
	if len(files) == 0 {
		return "", fmt.Errorf("%s: %w", parent, ErrNone)
	}
	return filepath.Dir(slices.Max(files)), nil
}

func committed(parent string) []string {
	c := exec.Command("git", "ls-files", "-z", "--", "*/"+BenchFile)
	c.Dir = parent
	out, err := c.Output()
	if err != nil {
		return nil
	}
	var files []string
	for name := range strings.SplitSeq(string(out), "\x00") {
		path := filepath.Join(parent, filepath.FromSlash(name))
		if _, err := os.Stat(path); name != "" && err == nil {
			files = append(files, path)
		}
	}
	return files
}
