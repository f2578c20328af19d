package cost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// Name and Version head each table; see bench/internal/schema for the same of other files.
const (
	Name    = "fencert-cost"
	Version = 1
)

// A Table is all that is kept. It is a plain value.
type Table struct {
	Schema  string `json:"schema"`
	Version int    `json:"version"`
	Host    Host   `json:"host"`
	Rows    []Row  `json:"rows"`
}

// A Host is what the number of instructions depends on beside the source.
type Host struct {
	Go       string `json:"go"`
	GOOS     string `json:"goos"`
	GOARCH   string `json:"goarch"`
	Level    string `json:"level"`    // GOAMD64 or its like; "none" where there is no such thing
	Features string `json:"features"` // of the processor, as valgrind shows it
}

// A Row is one row of the suite as one implementation does it: sums over so many operations.
type Row struct {
	Row        string `json:"row"` // "Lifecycle/callbacks=1"
	Impl       string `json:"impl"`
	Operations int    `json:"operations"`
	Atomics
	// Instructions of one operation; absent where nobody counted them.
	Instructions *float64 `json:"instructions,omitempty"`
}

// Atomics are numbers of operations on atomic words, and of cache lines.
type Atomics struct {
	Loads    int `json:"loads"`
	Stores   int `json:"stores"`
	Releases int `json:"releases"`
	Compares int `json:"compares"` // compare-and-swaps, locks among them
	Swaps    int `json:"swaps"`
	Adds     int `json:"adds"`    // unlocks among them
	Touched  int `json:"touched"` // cache lines, read or written
	Written  int `json:"written"` // cache lines
}

// kinds are the names of the numbers, and the numbers.
func (a Atomics) kinds() []kind {
	return []kind{
		{"loads", a.Loads}, {"stores", a.Stores}, {"release stores", a.Releases}, {"compare-and-swaps", a.Compares},
		{"swaps", a.Swaps}, {"adds", a.Adds}, {"lines touched", a.Touched}, {"lines written", a.Written},
	}
}

type kind struct {
	name string
	n    int
}

// Counted tells whether the table has instructions.
func (t *Table) Counted() bool {
	for _, r := range t.Rows {
		if r.Instructions != nil {
			return true
		}
	}
	return false
}

// find returns the row of an implementation, nil where there is none.
func (t *Table) find(row, impl string) *Row {
	for i := range t.Rows {
		if t.Rows[i].Row == row && t.Rows[i].Impl == impl {
			return &t.Rows[i]
		}
	}
	return nil
}

// Encode returns the table as JSON that a person can read.
func (t *Table) Encode() ([]byte, error) {
	text, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return append(text, '\n'), nil
}

// Decode reads a table; name is for messages. It takes only whole ones of this version: ErrBroken, ErrVersion.
func Decode(name string, text []byte) (*Table, error) {
	t := new(Table)
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(t); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, ErrBroken, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w: something follows its end", name, ErrBroken)
	}
	if t.Schema != Name {
		return nil, fmt.Errorf("%s: %w: its schema is %q, not %q", name, ErrBroken, t.Schema, Name)
	}
	if t.Version != Version {
		return nil, fmt.Errorf("%s: %w: version %d, and this reads %d; ./benchstat.sh cost makes it anew", name,
			ErrVersion, t.Version, Version)
	}
	return t, t.valid(name)
}

func (t *Table) valid(name string) error {
	if len(t.Rows) == 0 {
		return fmt.Errorf("%s: %w: it has no rows", name, ErrBroken)
	}
	for i, r := range t.Rows {
		wrong := ""
		switch {
		case r.Row == "" || r.Impl == "":
			wrong = "has no name"
		case t.find(r.Row, r.Impl) != &t.Rows[i]:
			wrong = "is there twice"
		case r.Operations < 1:
			wrong = "has no operations"
		case r.Instructions != nil && !(*r.Instructions > 0 && *r.Instructions < math.MaxInt32):
			wrong = "has no such number of instructions"
		}
		for _, k := range r.kinds() {
			if k.n < 0 {
				wrong = "has fewer than no " + k.name
			}
		}
		if wrong != "" {
			return fmt.Errorf("%s: %w: row %q of %q %s", name, ErrBroken, r.Row, r.Impl, wrong)
		}
	}
	return nil
}
