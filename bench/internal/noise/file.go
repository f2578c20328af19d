package noise

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/perf/benchfmt"
)

// File is the name of the floors in a folder of results.
const File = "noise.json"

// Schema is the version of the file's form.
const Schema = 1

// ErrFile tells that a file doesn't hold floors in this form. Test with errors.Is.
var ErrFile = errors.New("no noise floors of a known schema")

// A Row is the floor of one unit of one row.
type Row struct {
	Name    string  `json:"name"` // as in bench.txt: "BenchmarkLifecycle/callbacks=0/impl=mutex-1"
	Unit    string  `json:"unit"` // a base unit: "sec/op"
	Samples int     `json:"samples"`
	Floor   float64 `json:"floor"` // a share: 0.03 is 3 %
}

// Floors are what a file holds. Rows without a floor aren't in it.
type Floors struct {
	Schema    int    `json:"schema"`
	Statistic string `json:"statistic"`
	Rows      []Row  `json:"rows"`
}

// Measure returns the floors of all rows that have one, by name and unit. It takes about a
// millisecond for each of them.
func Measure(list []*benchfmt.Result) *Floors {
	type key struct{ name, unit string }
	samples := map[key][]float64{}
	for _, r := range list {
		for _, v := range r.Values {
			k := key{"Benchmark" + r.Name.String(), v.Unit}
			samples[k] = append(samples[k], v.Value)
		}
	}
	f := &Floors{Schema: Schema, Statistic: "95 % of random halves of a row's samples have medians no further apart", Rows: []Row{}}
	for k, s := range samples {
		if floor, ok := Of(s); ok {
			f.Rows = append(f.Rows, Row{k.name, k.unit, len(s), floor})
		}
	}
	slices.SortFunc(f.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Unit, b.Unit))
	})
	return f
}

// Encode returns the floors as they are stored.
func (f *Floors) Encode() ([]byte, error) {
	text, err := json.MarshalIndent(f, "", " ")
	return append(text, '\n'), err
}

// Decode reads what Encode wrote.
func Decode(text []byte) (*Floors, error) {
	f := new(Floors)
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if f.Schema != Schema {
		return nil, fmt.Errorf("%w: schema %d, not %d", ErrFile, f.Schema, Schema)
	}
	return f, nil
}
