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

// longest is how long the search through one history may take. Those of the tests here take less than a millisecond.
const longest = 20 * time.Second

// mostKnown is how many histories a Checker remembers.
const mostKnown = 1 << 14

// A Checker checks histories against one Spec. One goroutine at a time may use it.
type Checker[S comparable, O fmt.Stringer] struct {
	tb      testing.TB
	spec    Spec[S, O]
	model   porcupine.Model
	known   map[string]error
	checked int
	met     int    // histories in which threads met
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
	key, met := describe(h)
	if met {
		c.met++
	}
	if err, ok := c.known[key]; ok {
		return err
	}
	err := c.search(h, true)
	if errors.Is(err, ErrRefuted) {
		err = fmt.Errorf("%w; see %s\n%s", err, c.path, key)
	}
	if len(c.known) < mostKnown {
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
		switch porcupine.CheckOperationsTimeout(c.model, part, longest) {
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
	_, info := porcupine.CheckOperationsVerbose(c.model, part, longest)
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

// String tells how many histories were checked, how many different ones, and in how many of all some calls went on at once.
func (c *Checker[S, O]) String() string {
	return fmt.Sprintf("%d histories, %d different ones; threads met in %d", c.checked, len(c.known), c.met)
}

// Expect logs what String says, and fails the test where threads that should meet left fewer different histories than that.
// One history alone may have been asked for.
func (c *Checker[S, O]) Expect(least int) {
	c.tb.Helper()
	c.tb.Log(c)
	if c.checked > 1 && len(c.known) < least {
		c.tb.Errorf("%d different histories: the threads don't meet", len(c.known))
	}
}

// describe prints calls and returns in the order in which they came, a line each, with the operations where their call returns,
// and tells whether a call began while another thread's went on. Histories that read the same are the same to a Spec.
func describe[O fmt.Stringer](h *History[O]) (text string, met bool) {
	type event struct {
		at   int64
		text string
		open int // how many calls more go on afterwards
	}
	var events []event
	for _, o := range h.Operations() {
		ends := 0
		if o.Step == 0 {
			begins := 1
			if o.noted {
				begins = 0 // in the middle of a call
			}
			events = append(events, event{o.Call, fmt.Sprintf("%d calls\n", o.Thread), begins})
			ends = -begins
		}
		events = append(events, event{o.Return, fmt.Sprintf("%d: %v\n", o.Thread, o.Op), ends})
	}
	slices.SortStableFunc(events, func(x, y event) int { return cmp.Compare(x.at, y.at) })
	var b strings.Builder
	open := 0
	for _, e := range events {
		open += e.open
		met = met || open > 1
		b.WriteString(e.text)
	}
	return b.String(), met
}
