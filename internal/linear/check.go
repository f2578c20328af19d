package linear

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// ErrRefuted means that a history has no order that its Spec allows.
var ErrRefuted = errors.New("linear: not linearizable")

// ErrUndecided means that the search took too long: record shorter histories.
var ErrUndecided = errors.New("linear: the search for an order takes too long")

// patience is how long the search through one history may take. Those of the tests here take less than a millisecond.
const patience = 20 * time.Second

// A Checker checks histories against one Spec. One goroutine at a time may use it.
type Checker[S comparable, O fmt.Stringer] struct {
	tb      testing.TB
	spec    Spec[S, O]
	model   porcupine.Model
	known   map[string]error
	checked int
	path    string // of the picture
}

// NewChecker is a Checker that leaves its pictures where tb keeps artifacts, or in a temporary directory.
func NewChecker[S comparable, O fmt.Stringer](tb testing.TB, spec Spec[S, O]) *Checker[S, O] {
	return &Checker[S, O]{tb: tb, spec: spec, model: spec.model(), known: map[string]error{}}
}

// Check looks for an order of the history. Nobody may be recording. What was checked before isn't checked again. Errors:
// ErrRefuted, with the history and the path of its picture: a page for the browser, which the next refutation overwrites;
// ErrUndecided.
func (c *Checker[S, O]) Check(h *History[O]) error {
	c.checked++
	key := describe(h)
	if err, ok := c.known[key]; ok {
		return err
	}
	err := c.search(h, true)
	if errors.Is(err, ErrRefuted) {
		err = fmt.Errorf("%w; %s\n%s", err, c.where(), key)
	}
	if len(c.known) < 1<<18 {
		c.known[key] = err
	}
	return err
}

// Refutes tells whether the history has no order, and leaves no picture.
func (c *Checker[S, O]) Refutes(h *History[O]) bool {
	c.tb.Helper()
	err := c.search(h, false)
	if err != nil && !errors.Is(err, ErrRefuted) {
		c.tb.Fatal(err)
	}
	return err != nil
}

func (c *Checker[S, O]) search(h *History[O], picture bool) error {
	for _, part := range c.spec.parts(h) {
		switch porcupine.CheckOperationsTimeout(c.model, part, patience) {
		case porcupine.Ok:
			continue
		case porcupine.Unknown:
			return fmt.Errorf("%w: %d operations", ErrUndecided, len(part))
		}
		if picture {
			c.draw(part)
		}
		return ErrRefuted
	}
	return nil
}

// draw writes porcupine's picture.
func (c *Checker[S, O]) draw(part []porcupine.Operation) {
	if c.path == "" {
		dir, err := directory(c.tb)
		if err != nil {
			c.tb.Errorf("no picture: %v", err)
			return
		}
		c.path = filepath.Join(dir, "history.html")
	}
	_, info := porcupine.CheckOperationsVerbose(c.model, part, patience)
	if err := porcupine.VisualizePath(c.model, info, c.path); err != nil {
		c.tb.Errorf("no picture: %v", err)
	}
}

// directory is one that is still there when the test has ended.
func directory(tb testing.TB) (string, error) {
	if f := flag.Lookup("test.artifacts"); f != nil && f.Value.String() == "true" {
		return tb.ArtifactDir(), nil
	}
	return os.MkdirTemp("", "linear-"+strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\*:?"<>| `, r) {
			return '-'
		}
		return r
	}, tb.Name())+"-")
}

func (c *Checker[S, O]) where() string { return "see " + c.path }

// String tells how many histories were checked, and how many different ones.
func (c *Checker[S, O]) String() string {
	return fmt.Sprintf("%d histories, %d different ones", c.checked, len(c.known))
}

// Different is how many different histories were checked, as far as they are remembered.
func (c *Checker[S, O]) Different() int { return len(c.known) }

// describe prints calls and returns in the order in which they came, a line each, with the operations where their call returns.
// Histories that read the same are the same to a Spec.
func describe[O fmt.Stringer](h *History[O]) string {
	type event struct {
		at   int64
		text string
	}
	var events []event
	for _, o := range h.Operations() {
		if o.Step == 0 {
			events = append(events, event{o.Call, fmt.Sprintf("%d calls\n", o.Thread)})
		}
		events = append(events, event{o.Return, fmt.Sprintf("%d: %v\n", o.Thread, o.Op)})
	}
	slices.SortStableFunc(events, func(x, y event) int { return cmp.Compare(x.at, y.at) })
	var b strings.Builder
	for _, e := range events {
		b.WriteString(e.text)
	}
	return b.String()
}
