package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fencert/fencert/bench/internal/cost"
)

func TestCostRefusals(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		text string
	}{
		{"cost x", 2, `not "x"`},
		{"cost --all", 2, `not "--all"`},
		{"cost --check", 1, "no table of costs yet"},
		{"cost", 1, "counting failed"}, // there is no checkout
	} {
		call := command(t, "fake", "", strings.Fields(c.args)...)
		if c.args == "cost" {
			// It says what it is at before that fails.
			if code := exit(t, call.cmd.Run()); code != c.code || !strings.Contains(call.err.String(), "benchstat.sh: "+c.text) || call.out.Len() > 0 {
				t.Errorf("%s: exits with %d: %s", c.args, code, call.err.String())
			}
			continue
		}
		call.refused(t, c.code, c.text)
	}
}

func TestCostOfABrokenTable(t *testing.T) {
	for text, says := range map[string]string{
		"": "not a table of costs",
		`{"schema": "fencert-cost", "version": 9}`: "version 9, and this reads 1",
	} {
		c := command(t, "fake", "", "cost", "--check")
		path := filepath.Join(c.cmd.Dir, resultsDir, costFile)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if code := exit(t, c.cmd.Run()); code != 1 || c.out.Len() > 0 || !strings.Contains(c.err.String(), "benchstat.sh: ") || !strings.Contains(c.err.String(), says) {
			t.Errorf("%q: exits with %d: %s", text, code, c.err.String())
		}
		if fileText(t, path) != text {
			t.Error("the table was changed")
		}
	}
}

// TestCheckCosts plants differences into a copy of the committed table.
func TestCheckCosts(t *testing.T) {
	committed := func() *cost.Table {
		c, err := readCosts(filepath.Join("../../..", resultsDir, costFile))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	check := func(change func(*cost.Table)) (out, remarks string, err error) {
		now := committed()
		change(now)
		var o, r bytes.Buffer
		a := &app{out: &o, err: &r}
		err = a.checkCosts(committed(), now)
		return o.String(), r.String(), err
	}
	if out, _, err := check(func(*cost.Table) {}); err != nil || !strings.HasPrefix(out, "atomics, lines and instructions of 39 rows") {
		t.Errorf("the same: %q, %v", out, err)
	}
	if out, remarks, err := check(func(c *cost.Table) { c.Host.Go = "go1.99" }); err != nil || !strings.HasPrefix(out, "atomics and lines of 39") ||
		!strings.Contains(remarks, "these of go1.99") {
		t.Errorf("another Go: %q, %q, %v", out, remarks, err)
	}
	for i := range committed().Rows {
		row := committed().Rows[i]
		name := row.Row + " " + row.Impl
		for what, change := range map[string]func(*cost.Row){
			"compare-and-swaps per operation": func(r *cost.Row) { r.Compares += r.Operations },
			"instructions per operation": func(r *cost.Row) {
				x := *r.Instructions * 1.05
				r.Instructions = &x
			},
		} {
			out, _, err := check(func(c *cost.Table) { change(&c.Rows[i]) })
			if !errors.Is(err, cost.ErrDiffers) || !strings.Contains(err.Error(), name+": "+what) || out != "" {
				t.Errorf("%s, more %s: %q, %v", name, what, out, err)
			}
			if err != nil && !strings.Contains(oneLine(err), "\n    Where that is meant: ./benchstat.sh cost") {
				t.Errorf("nothing to do about it: %v", err)
			}
		}
	}
}
