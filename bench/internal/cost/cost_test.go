package cost

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// table is a small one, made anew for each caller.
func table() *Table {
	row := func(row, impl string, compares int, instructions float64) Row {
		return Row{Row: row, Impl: impl, Operations: 512, Instructions: &instructions,
			Atomics: Atomics{Compares: compares, Loads: 5 * 512, Touched: 1024, Written: 512}}
	}
	return &Table{Schema: Name, Version: Version, Host: Host{"go1.26.8", "linux", "amd64", "v1", "avx,avx2"}, Rows: []Row{
		row("Lifecycle/callbacks=0", "lockfree", 512, 177.84), row("Lifecycle/callbacks=0", "mutexpool", 512, 129),
		row("Lifecycle/callbacks=0", "noop", 0, 48), row("Poll/fences=1", "lockfree", 0, 31),
	}}
}

func TestCheck(t *testing.T) {
	more := func(t *Table, i int, factor float64) {
		x := *t.Rows[i].Instructions * factor
		t.Rows[i].Instructions = &x
	}
	for _, c := range []struct {
		name   string
		change func(t *Table)
		says   string // "": no difference
		remark string
	}{
		{"the same", func(*Table) {}, "", ""},
		{"one atomic more", func(t *Table) { t.Rows[0].Compares += 512 }, "Lifecycle/callbacks=0 lockfree: compare-and-swaps per operation: 1, now 2", ""},
		{"one atomic in 512 operations", func(t *Table) { t.Rows[3].Adds++ }, "Poll/fences=1 lockfree: adds per operation: 0, now 0.002", ""},
		{"a load less", func(t *Table) { t.Rows[1].Loads -= 512 }, "mutexpool: loads per operation: 5, now 4", ""},
		{"a line more", func(t *Table) { t.Rows[0].Written += 512 }, "lines written per operation: 1, now 2", ""},
		{"5 % more instructions", func(t *Table) { more(t, 0, 1.05) }, "instructions per operation: 177.84, now 186.732 (+5.0 %)", ""},
		{"fewer instructions", func(t *Table) { more(t, 0, 0.9) }, "(-10.0 %)", ""},
		{"one instruction in a short row", func(t *Table) { more(t, 3, 32.0/31) }, "31, now 32 (+3.2 %)", ""},
		{"within the tolerance", func(t *Table) { more(t, 0, 1.0018) }, "", ""},
		{"a row less", func(t *Table) { t.Rows = t.Rows[:3] }, "Poll/fences=1 lockfree is not measured any more", ""},
		{"a row more", func(t *Table) { t.Rows = append(t.Rows, Row{Row: "New", Impl: "x", Operations: 1}) }, "New x is not in the committed table", ""},
		{"another length", func(t *Table) { t.Rows[0].Operations = 256 }, "512 operations were counted, now 256", ""},
		{"a row without instructions", func(t *Table) { t.Rows[0].Instructions = nil }, "in one of the tables only", ""},
		{"another Go", func(t *Table) { t.Host.Go = "go1.27"; more(t, 0, 2) }, "", "of go1.26.8, these of go1.27"},
		{"another Go, and an atomic", func(t *Table) { t.Host.Go = "go1.27"; t.Rows[0].Stores = 512 }, "stores per operation: 0, now 1", "these of go1.27"},
		{"another processor", func(t *Table) { t.Host.Features = "avx"; more(t, 0, 2) }, "", "one with avx"},
		{"another architecture", func(t *Table) { t.Host.GOARCH = "arm64"; t.Rows[0].Written = 1; more(t, 0, 2) }, "", "linux/arm64"},
		{"no valgrind", func(t *Table) {
			for i := range t.Rows {
				t.Rows[i].Instructions = nil
			}
		}, "", "nobody counted them here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := table()
			c.change(now)
			remarks, err := Check(table(), now)
			if (c.says != "") != errors.Is(err, ErrDiffers) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("says %v, want %q", err, c.says)
			}
			if said := strings.Join(remarks, "; "); (said != "") != (c.remark != "") || !strings.Contains(said, c.remark) {
				t.Errorf("remarks %q, want %q", said, c.remark)
			}
		})
	}
}

func TestCheckNamesEachRow(t *testing.T) {
	now := table()
	now.Rows[0].Loads++
	now.Rows[1].Loads++
	if _, err := Check(table(), now); err == nil || strings.Count(err.Error(), "\n    ") != 2 {
		t.Errorf("says %v", err)
	}
}

func TestEncodeAndDecode(t *testing.T) {
	text, err := table().Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode("x", text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Check(table(), again); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":     {"", ErrBroken},
		"half":      {string(text[:len(text)/2]), ErrBroken},
		"more":      {string(text) + "{}", ErrBroken},
		"no object": {"[1]", ErrBroken},
		"another":   {strings.Replace(string(text), Name, "results", 1), ErrBroken},
		"newer":     {strings.Replace(string(text), `"version": 1`, `"version": 2`, 1), ErrVersion},
		"older":     {strings.Replace(string(text), `"version": 1`, `"version": 0`, 1), ErrVersion},
		"negative":  {strings.Replace(string(text), `"loads": 2560`, `"loads": -1`, 1), ErrBroken},
		"twice":     {strings.Replace(string(text), `"mutexpool"`, `"lockfree"`, 1), ErrBroken},
		"nameless":  {strings.Replace(string(text), `"mutexpool"`, `""`, 1), ErrBroken},
		"no rows":   {`{"schema": "fencert-cost", "version": 1, "rows": []}`, ErrBroken},
		"no length": {strings.Replace(string(text), `"operations": 512`, `"operations": 0`, 1), ErrBroken},
		"nothing":   {strings.Replace(string(text), `"instructions": 31`, `"instructions": 0`, 1), ErrBroken},
	} {
		if _, err := Decode("x", []byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestCommitted: the two files belong together.
func TestCommitted(t *testing.T) {
	text, err := os.ReadFile("../../../results/cost.json")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := Decode("cost.json", text)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := os.ReadFile("../../../results/cost.txt")
	if err != nil {
		t.Fatal(err)
	}
	if kept.Render() != string(shown) {
		t.Error("results/cost.txt isn't made from results/cost.json: ./benchstat.sh cost makes both")
	}
	if !kept.Counted() {
		t.Error("no instructions in the committed table")
	}
}

const labels = `host go1.26.8 linux amd64 v1 avx,avx2
aside
Poll/fences=1 lockfree 512 least 1
aside
Poll/fences=1 lockfree 1024 least 2
aside
Poll/fences=1 lockfree 512 least 1
aside
Poll/fences=1 lockfree 1024 least 2
aside
Cancel lockfree 100 mean 0
aside
Cancel lockfree 100 mean 1
aside
Cancel lockfree 100 mean 0
`

// counts are callgrind's parts: what is before the first stretch, stretches, and what lies between; those of the second thread
// are no one's.
func counts(sums ...string) string {
	var b strings.Builder
	for i, s := range sums {
		b.WriteString("part: 1\nthread: 2\ntotals: 77\n\nthread: 1\ndesc: Trigger: --dump-before=main.mark\nsummary: 5\ntotals: " + s + "\n")
		if i == 2 {
			b.WriteString("thread: 2\ntotals: 99\n")
		}
	}
	return b.String()
}

func TestFill(t *testing.T) {
	fresh := func() *Table {
		t := table()
		t.Rows = []Row{{Row: "Poll/fences=1", Impl: "lockfree", Operations: 512}, {Row: "Cancel", Impl: "lockfree", Operations: 100}}
		return t
	}
	// The second short stretch and the first long one were looked into.
	good := counts("90000", "15921", "3", "33000", "4", "17000", "5", "31793", "6", "10100", "7", "10300", "8", "11111", "9")
	x := fresh()
	if err := x.fill(labels, good); err != nil {
		t.Fatal(err)
	}
	if got := []float64{*x.Rows[0].Instructions, *x.Rows[1].Instructions}; !slices.Equal(got, []float64{31, 102}) {
		t.Errorf("%v instructions, want 31 and 102", got)
	}
	for name, c := range map[string][2]string{
		"too few counts": {labels, counts("1", "2", "3")},
		"no host":        {strings.TrimPrefix(labels, "host"), good},
		"half a line":    {labels + "aside\nPoll/fences=1 lockf", good + counts("1", "2")},
		"a row too few":  {labels[:strings.Index(labels, "aside\nCancel")], good},
		"no number":      {strings.Replace(labels, "512", "x", 1), good},
		"one length":     {strings.ReplaceAll(labels, "1024 least 2", "512 least 1"), good},
		"fewer than no":  {labels, counts("1", "15921", "3", "3", "4", "17000", "5", "4", "6", "7", "8", "9", "10", "11", "12")},
		"nothing":        {"", ""},
	} {
		if err := fresh().fill(c[0], c[1]); !errors.Is(err, ErrCounting) && !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseAtomics(t *testing.T) {
	row, err := json.Marshal(table().Rows[0])
	if err != nil {
		t.Fatal(err)
	}
	const host = "host go1.26.8 linux amd64 v1 avx\n"
	got, err := parseAtomics([]byte(host + string(row) + "\n"))
	if err != nil || len(got.Rows) != 1 || got.Host.Features != "avx" || got.Rows[0].Compares != 512 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", host, "host go1\n" + string(row), host + string(row[:20]), host + "{}\n"} {
		if _, err := parseAtomics([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestRender(t *testing.T) {
	text := table().Render()
	for _, want := range []string{"go1.26.8, linux/amd64 level v1", "  177.84     129.84    1 ", "Poll/fences=1"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	none := table()
	for i := range none.Rows {
		none.Rows[i].Instructions = nil
	}
	if text = none.Render(); !strings.Contains(text, "Instructions were not counted") || !strings.Contains(text, "unknown") {
		t.Errorf("without instructions:\n%s", text)
	}
	if short(0.0005) != "<0.01" || short(0) != "." || short(1.006) != "1.01" {
		t.Error(short(0.0005), short(0), short(1.006))
	}
}
