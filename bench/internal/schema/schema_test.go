package schema

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func ptr(x float64) *float64 { return &x }

func example() *Results {
	return &Results{
		Head: Head{ResultsName, Version}, Folder: "run", Environment: []Pair{{"cpu", `</script><b>"X"`}}, Notes: []string{},
		Alpha: 0.01, Confidence: 0.95, Ours: "lockfree",
		Tables: []Table{{
			Benchmark: "X", Unit: "sec/op", Better: Less, Base: "mutex", Impls: []string{"mutex", "lockfree"},
			Rows: []Row{{Keys: []Pair{{"k", "1"}, {"spin", ""}}, CPUs: 2, Cells: []Cell{
				{Impl: "mutex", N: 6, Median: 1e-9, Low: ptr(0.9e-9), High: ptr(1.1e-9)},
				{Impl: "lockfree", N: 3, Median: 0, Against: &Comparison{P: 0.5}},
			}}},
		}},
		Verdicts: []Verdict{{Benchmark: "X", Keys: []Pair{}, Outcome: Behind}, {Benchmark: "X", Keys: []Pair{{"k", "1"}}, Outcome: TooFew}},
	}
}

// TestRoundTrip: what is written is read as it was, an endless interval and all.
func TestRoundTrip(t *testing.T) {
	text, err := Encode(example())
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeResults("results.json", text)
	if err != nil || !reflect.DeepEqual(got, example()) {
		t.Errorf("got %+v, %v", got, err)
	}
	if !bytes.Contains(text, []byte(`"low": null`)) || bytes.ContainsAny(text, "<>&") {
		t.Errorf("wrote %s", text)
	}
}

func TestRefusals(t *testing.T) {
	whole, err := Encode(example())
	if err != nil {
		t.Fatal(err)
	}
	version := func(v string) string { return strings.Replace(string(whole), `"version": 1`, `"version": `+v, 1) }
	for name, c := range map[string]struct {
		text string
		want error
		says string
	}{
		"nothing":       {"", ErrBroken, "results.json"},
		"cut short":     {string(whole[:len(whole)/2]), ErrBroken, "results.json"},
		"no JSON":       {"goos: linux\n", ErrBroken, "results.json"},
		"another kind":  {strings.Replace(string(whole), ResultsName, IndexName, 1), ErrBroken, IndexName},
		"no schema":     {"{}", ErrBroken, ResultsName},
		"older":         {version("0"), ErrOlder, "bench.txt"},
		"newer":         {version("2"), ErrNewer, "later"},
		"not a version": {version(`"one"`), ErrBroken, "results.json"},
		"two of them":   {string(whole) + string(whole), ErrBroken, "results.json"},
		"more behind":   {string(whole) + "x", ErrBroken, "results.json"},
		"wrong type":    {strings.Replace(string(whole), `"tables": [`, `"tables": 3, "x": [`, 1), ErrBroken, "tables"},
	} {
		if _, err := DecodeResults("results.json", []byte(c.text)); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.want, c.says)
		}
	}
	// A field that a later program of this version added is no reason.
	if _, err := DecodeResults("x", []byte(strings.Replace(string(whole), `"alpha"`, `"later": {"a": 1}, "alpha"`, 1))); err != nil {
		t.Errorf("an unknown field: %v", err)
	}
}

func TestIndexRefusals(t *testing.T) {
	x := &Index{Head: Head{IndexName, Version}, Runs: []Run{{Folder: "a"}}, Rows: []Trail{{Points: []Point{{Run: 1}}}}}
	text, err := Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeIndex("index.json", text); !errors.Is(err, ErrBroken) {
		t.Errorf("a point of a run that isn't there: %v", err)
	}
	x.Rows[0].Points[0].Run = 0
	if text, err = Encode(x); err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeIndex("index.json", text); err != nil || !reflect.DeepEqual(got, x) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNames(t *testing.T) {
	r := example()
	if got := r.Tables[0].Rows[0].Case(); got != "k=1 spin" {
		t.Errorf("the case is %q", got)
	}
	if a, b := r.Verdicts[0].Row(), r.Verdicts[1].Row(); a != "X" || b != "X k=1" {
		t.Errorf("the rows are %q and %q", a, b)
	}
	if s := Count(r.Verdicts); s != (Summary{Rows: 2, Behind: 1, TooFew: 1}) {
		t.Errorf("counted %+v", s)
	}
	if c := r.Tables[0].Rows[0].Cell("nobody"); c != nil {
		t.Errorf("a cell of nobody: %v", c)
	}
}

// TestDocumented: each field of the two files stands in docs/benchmarking.md.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../../docs/benchmarking.md"))
	if err != nil {
		t.Fatal(err)
	}
	var look func(reflect.Type, map[reflect.Type]bool)
	fields := 0
	look = func(typ reflect.Type, seen map[reflect.Type]bool) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "" {
				fields++
				if !regexp.MustCompile("`" + regexp.QuoteMeta(name) + "`").Match(text) {
					t.Errorf("docs/benchmarking.md doesn't name the field %s of %s", name, typ.Name())
				}
			}
			look(f.Type, seen)
		}
	}
	seen := map[reflect.Type]bool{}
	look(reflect.TypeFor[Results](), seen)
	look(reflect.TypeFor[Index](), seen)
	if fields < 40 {
		t.Errorf("%d fields: this looks at the wrong thing", fields)
	}
}
